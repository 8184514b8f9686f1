"""A stand-in for K3s: the same surface, real etcd and Kubernetes programs, kwok where the kubelet would be.

It runs on Debian's bare Python, so it imports the standard library alone.
"""
