"""A real API server takes every object, and its Pod Security admission has nothing to say about any pod.

Its admission and its validation know more than schemas: that a selector fits the template, that a port's name
is unique, that a request is not more than its limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from tests.apiserver import ApiServer, api_server, await_
from tests.contract.not_rendered import UNDEFINED_KINDS
from tests.contract.overlays import Overlay, every_overlay
from tests.contract.rendering import Object, workshop

pytestmark = pytest.mark.go

#: these exist for real, so that the others are understood; they are the same wherever they come from
FIRST = ("CustomResourceDefinition", "Namespace")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server that has all namespaces and definitions; for the homelab's charts the local ones stand in."""
    with api_server(tmp_path_factory.mktemp("server")) as running:
        for kind in FIRST:
            objects = {
                one["metadata"]["name"]: one
                for overlay in every_overlay()
                for one in workshop().attempt(overlay)
                if one["kind"] == kind
            }
            apply(running, list(objects.values()))
        await_("the definitions are served", lambda: established(running))
        yield running


@pytest.mark.parametrize("overlay", every_overlay(), ids=str)
def test_the_api_server_takes_the_overlay(server: ApiServer, overlay: Overlay) -> None:
    judged = [
        one for one in workshop().render(overlay) if (one["apiVersion"], one["kind"]) not in UNDEFINED_KINDS
    ]
    if judged:
        assert apply(server, judged, "--dry-run=server") == ""


def test_the_api_server_warns_of_a_pod_that_is_not_restricted(server: ApiServer) -> None:
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "redis:7.4.1"}]},
    }
    open_deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "open", "namespace": "mlops"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    assert "would violate PodSecurity" in apply(server, [open_deployment], "--dry-run=server")


def established(running: ApiServer) -> bool:
    items = running.get("customresourcedefinitions")["items"]
    return all(
        any(
            one["type"] == "Established" and one["status"] == "True"
            for one in item["status"].get("conditions", ())
        )
        for item in items
    )


def apply(running: ApiServer, objects: Sequence[Object], *flags: str) -> str:
    """Apply objects on the server's side, strictly; return what it warned of: nothing when all is well."""
    items = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    ran = running.try_kubectl(
        "apply", "--server-side", "--force-conflicts", "--validate=strict", *flags, "-f", "-", stdin=items
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stderr.strip()
