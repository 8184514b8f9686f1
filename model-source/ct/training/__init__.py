"""From a specification to a fitted and judged candidate; nothing is recorded here."""
