"""A stand-in for KServe's controller in the local cluster, where the real one can't be had.

It does with an InferenceService of one custom predictor what KServe 0.20 does in its Standard mode: a
Deployment, a Service and an autoscaler, healed when they drift, and a status. Whatever else KServe knows
(runtimes for model formats, transformers, explainers, canaries, Knative) the local cluster's CRD refuses.

It differs knowingly in three things. It has no webhooks: what they would refuse, rules in the CRD refuse;
what they would write into an InferenceService (a lone container's name) it does in the Deployment alone. Its
status tells nothing of single pods. And it watches one namespace.
"""
