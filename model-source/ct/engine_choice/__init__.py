"""Which engine will serve a fitted estimator: ONNX Runtime where it is seen to answer the same."""
