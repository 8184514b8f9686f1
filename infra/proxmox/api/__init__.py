"""Proxmox's API as typed calls: one session over all endpoints, whose errors are sentences.

Reads are repeated while the way is broken. A write whose answer was lost is repeated only after the state
shows that it did not happen (:mod:`infra.proxmox.api.writing`, :mod:`infra.proxmox.api.tasks`).
"""
