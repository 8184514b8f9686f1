"""What GitHub knows of a run that failed: its jobs and logs, the lines that they name, and what changed."""
