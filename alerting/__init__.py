"""What wakes a person: Prometheus rules, their tests, and Alertmanager's configuration."""
