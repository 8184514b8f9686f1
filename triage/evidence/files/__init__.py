"""Evidence that a person saved as text: whatever the files are called, known by what they hold."""
