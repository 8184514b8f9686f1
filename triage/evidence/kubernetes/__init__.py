"""What the Kubernetes API says about an alert's pods: read only, within a time, by the pod's own token."""
