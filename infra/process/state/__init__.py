"""What lies in the state folder: the deployed revision, ports, secrets, logs, scrape targets and the lock."""
