"""``cluster.yaml``: the one description of a homelab's cluster, checked before anything is touched."""
