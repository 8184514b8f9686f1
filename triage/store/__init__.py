"""What triage must not forget: alerts, jobs, evidence and reports, in one database."""
