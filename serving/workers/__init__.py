"""Worker processes: as many as there are CPUs, forked from one that loaded the model, on one socket."""
