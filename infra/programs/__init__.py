"""Third-party programs: found on the machine, fetched from the distribution, or built from pinned source."""
