"""Machines: each provider makes or uses some to run the platform on."""
