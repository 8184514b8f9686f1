"""What stays of a run: MLflow's record of it, with the pictures and the card."""
