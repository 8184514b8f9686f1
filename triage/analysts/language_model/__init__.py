"""The analyst that asks a language model, and keeps of its answer only what code could check."""
