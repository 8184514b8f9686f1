"""The provider ``proxmox``: from ``cluster.yaml`` to machines, to K3s on them, to a cluster that follows git."""
