"""The doors: what each sender says, verified and redacted, as alerts or a recovery."""
