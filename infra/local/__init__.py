"""A real Kubernetes cluster with Argo CD on this machine, in a network namespace of its own."""
