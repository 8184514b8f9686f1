"""The machine that all others are cloned from: what it must be, whether it is there, and how it is made."""
