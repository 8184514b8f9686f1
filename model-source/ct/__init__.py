"""Continuous training: from a model's folder to a judged, recorded, packaged candidate."""
