"""Whether an object in the cluster still is what it should be.

Only the API server knows what it fills in by default, so it is asked what the wanted object would become in
the place of the live one, by a dry run; the two are equal or there is drift. Labels and annotations of the
object itself don't count, as with KServe.
"""

from __future__ import annotations

from infra.local.kserve_stand_in.objects import AUTOSCALER, SERVICE, Object


def replacement(wanted: Object, live: Object) -> Object:
    """``wanted`` in the place of ``live``, which keeps what others decide."""
    metadata = {**wanted["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
    for name in ("labels", "annotations"):
        metadata[name] = {**live["metadata"].get(name, {}), **wanted["metadata"][name]}
    spec = dict(wanted["spec"])
    if wanted["kind"] == SERVICE.name:
        # addresses are given once
        spec = {**live["spec"], **spec}
    elif wanted["kind"] != AUTOSCALER.name and "replicas" not in spec:
        # the autoscaler's business
        spec["replicas"] = live["spec"].get("replicas", 1)
    return {**wanted, "metadata": metadata, "spec": spec}


def has_drifted(live: Object, defaulted: Object) -> bool:
    """Whether ``live`` differs from what the replacement would become."""
    return live["spec"] != defaulted["spec"]
