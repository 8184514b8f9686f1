"""``homeostat cluster``: a Kubernetes cluster, whichever provider makes it."""
