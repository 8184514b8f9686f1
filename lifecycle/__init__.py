"""A model's life: the gates it must pass, and what comes after training."""
