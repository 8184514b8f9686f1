"""The analyst that always runs: named signatures over typed observations, confidence computed in code."""
