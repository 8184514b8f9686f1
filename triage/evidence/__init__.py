"""What a report may rest on: items of numbered, redacted lines, gathered by read-only collectors."""
