"""What is measured about a fitted candidate: the numbers that the gates judge."""
