"""The provider ``proxmox``: ``cluster.yaml`` -> machines -> K3s on them -> a cluster that follows git."""
