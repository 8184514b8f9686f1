"""Too many groups at once: the most severe are triaged in full, one digest lists the rest."""
