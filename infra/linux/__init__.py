"""What Linux tells of processes, and the marks by which those of a platform are known."""
