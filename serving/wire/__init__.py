"""The inference protocols as bytes: a body to checked rows, and a decision to a body. No HTTP, no waiting."""
