"""From evidence to causes: analysts that only read, and the check that their claims are cited."""
