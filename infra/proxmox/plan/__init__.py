"""What must be done so that the machines are as wanted: pure, so that it is shown before it is done."""
