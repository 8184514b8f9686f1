"""Why a model says what it says: SHAP values behind ``POST /v1/models/{model}:explain``.

SHAP and its compiler take seconds to import, a quarter of a gigabyte, and the interpreter while they compute.
So each worker explains in one child process of low priority, one request at a time, which is started by the
first request for an explanation and which the process that predicts shares nothing with.
"""
