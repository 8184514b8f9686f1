"""What shows drift: an alert's statistics, reports that people saved, and what changed between two runs."""
