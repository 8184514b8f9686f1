"""Do a plan: several machines at a time, one step after the other; the next run can go on anywhere."""
