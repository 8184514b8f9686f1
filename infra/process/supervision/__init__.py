"""The supervisor: it keeps every declared service running, and follows the forge."""
