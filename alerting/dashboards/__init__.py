"""Grafana's dashboards, one module each; what Grafana reads is the JSON beside them."""
