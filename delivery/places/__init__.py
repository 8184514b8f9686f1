"""The places on this machine that serve models: plain processes, or a cluster."""
