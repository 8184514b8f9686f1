"""Ansible's playbooks run and followed, and their failures told in one sentence."""
