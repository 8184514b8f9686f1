"""The inference service: one for all tabular models, over KServe V1 and the Open Inference Protocol V2."""
