"""Real Linux hosts for tests."""

from tests.homelab.hosts.host import Host
from tests.homelab.hosts.lab import Lab

__all__ = ["Host", "Lab"]
