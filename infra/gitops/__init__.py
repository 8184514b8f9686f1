"""From a cluster that answers to what git says running in it: Argo CD, its root Application, and waiting."""
