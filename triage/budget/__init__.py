"""What language models may cost: limits, a ledger of what was spent, and answers that are kept."""
