"""What computes the probabilities: one protocol, and an engine for each runtime behind it."""
