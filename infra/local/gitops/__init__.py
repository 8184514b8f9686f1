"""GitOps on the local cluster: the forge that it follows, Argo CD in it, and waiting for what git says."""
