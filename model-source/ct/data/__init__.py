"""The rows: from where ``model.yaml`` says, held against its contract, in canonical form, split."""
