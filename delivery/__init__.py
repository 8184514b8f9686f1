"""From a pushed commit to a served release: stages, the local forge, the hand-off, lineage."""
