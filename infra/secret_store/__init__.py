"""The homelab's secrets, each by its name: from the environment, or from a file in git that SOPS encrypts."""
