"""Work that survives a crash: jobs with leases, bounded attempts and a dead-letter state."""
