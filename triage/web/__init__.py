"""HTTP: webhooks in, incidents and reports out, and the service's own health."""
