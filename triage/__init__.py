"""From an alert to one report that a person can trust: queue, evidence, analysts, report."""
