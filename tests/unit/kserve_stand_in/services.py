"""InferenceServices of the tests, and the API server that holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from infra.local.kserve_stand_in.objects import Object
from tests.apiserver import ApiServer, await_

CRD = Path(__file__).parents[3] / "manifests/kserve-crds/overlays/local/inferenceservices.yaml"
NAMESPACE = "models"


def container(**fields: Any) -> Object:
    return {"name": "kserve-container", "image": "homeostat/toy@sha256:" + "0" * 64, **fields}


def an_inference_service(
    name: str = "toy", annotated: dict[str, str] | None = None, **predictor: Any
) -> Object:
    """An InferenceService as a person would write it."""
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "namespace": NAMESPACE, "annotations": annotated or {}},
        "spec": {"predictor": {"containers": [container()]} | predictor},
    }


names = st.from_regex(r"[a-z]([-a-z0-9]{0,13}[a-z0-9])?", fullmatch=True)
words = st.from_regex(r"[a-z]{1,5}", fullmatch=True)
ports = st.lists(
    st.fixed_dictionaries({"name": words, "containerPort": st.integers(1, 65535)}),
    min_size=1,
    max_size=3,
    unique_by=(lambda port: port["name"], lambda port: port["containerPort"]),
)
first = st.builds(container, ports=ports) | st.builds(container)
others = st.builds(container, name=words)
#: whatever the API server may accept
inference_services = st.builds(
    an_inference_service,
    name=names,
    annotated=st.dictionaries(
        words, st.text(st.characters(exclude_categories=("C",)), max_size=5), max_size=3
    )
    | st.sampled_from([{"serving.kserve.io/autoscalerClass": "none"}, {"serving.kserve.io/stop": "true"}]),
    labels=st.dictionaries(words, words, max_size=3),
    containers=st.builds(lambda one, rest: [one, *rest], first, st.lists(others, max_size=1)),
    minReplicas=st.integers(0, 3),
    maxReplicas=st.integers(3, 5),
)


def with_uid(service: Object) -> Object:
    """As the API server would give it back."""
    return {**service, "metadata": {**service["metadata"], "uid": "0-1-2"}}


def install_crd(server: ApiServer) -> None:
    """The local cluster's CRD, and the namespace of models."""
    server.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    server.kubectl("apply", "--server-side", "-f", str(CRD))
    served = ("get", "--raw", "/apis/serving.kserve.io/v1beta1/inferenceservices")
    await_("the CRD is served", lambda: server.try_kubectl(*served).returncode == 0)
