"""How good the reports are: scenarios with a known truth, scored in code."""
