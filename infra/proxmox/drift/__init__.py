"""What differs from ``cluster.yaml``, and between which two checks that came to be.

A change of options leaves no task in Proxmox, so nothing tells when it was made, or by whom. Each check
therefore writes down what it saw (:mod:`infra.proxmox.drift.journal`); the journal narrows a change down to
the time between two checks.
"""
