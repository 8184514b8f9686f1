"""``homeostat proxmox``: from ``cluster.yaml`` to virtual machines, and what differs from it."""
