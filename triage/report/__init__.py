"""One report an incident: a document for machines, Markdown and a small plot for people."""
