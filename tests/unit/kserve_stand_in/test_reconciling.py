"""The stand-in as a process with just its own rights, against a real API server and real controllers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.local.kserve_stand_in.objects import Object
from infra.process.state.ports import any_free_port
from tests.apiserver import ApiServer, api_server, await_
from tests.programs import BUILD_SECONDS, find
from tests.unit.kserve_stand_in.services import CRD, NAMESPACE, an_inference_service, install_crd

pytestmark = [pytest.mark.go, pytest.mark.timeout(BUILD_SECONDS)]

ROOT = Path(__file__).parents[3]
OVERLAY = ROOT / "manifests/kserve/overlays/local"
NONE = {"serving.kserve.io/autoscalerClass": "none"}


@dataclass
class StandIn:
    """The running stand-in and the cluster that it works in."""

    server: ApiServer
    process: subprocess.Popen[bytes]
    log: Path
    health: str

    def get(self, kind: str, name: str) -> Object | None:
        found = self.server.try_kubectl("get", kind, name, "-n", NAMESPACE, "-o", "json")
        return json.loads(found.stdout) if found.returncode == 0 else None

    def awaited(self, kind: str, name: str) -> Object:
        return await_(f"{kind} {name} exists, {self.said()}", lambda: self.get(kind, name))

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def condition(self, name: str, kind: str) -> str:
        service = self.get("isvc", name) or {}
        found = service.get("status", {}).get("conditions", [])
        return next((condition["status"] for condition in found if condition["type"] == kind), "")

    def answer(self, name: str) -> None:
        """Play the kubelet: the pods of ``name`` answer."""
        selector = f"serving.kserve.io/inferenceservice={name}"
        pods = ("pods", "-n", NAMESPACE, "-l", selector)
        found = await_(f"{name} has pods, {self.said()}", lambda: self.server.get(*pods)["items"])
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        for pod in found:
            patch = ("patch", "pod", pod["metadata"]["name"], "-n", NAMESPACE, "--subresource=status", "-p")
            self.server.kubectl(*patch, json.dumps({"status": status}))


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder = tmp_path_factory.mktemp("stand-in")
    with api_server(folder, crds=[CRD], controllers=True) as server:
        install_crd(server)
        server.kubectl("create", "namespace", "kserve")
        rendered = subprocess.run(
            [find("go", "kustomize"), "build", OVERLAY], capture_output=True, text=True, check=True
        )
        server.kubectl("apply", "--server-side", "-f", "-", stdin=rendered.stdout)
        token = server.kubectl("create", "token", "kserve-stand-in", "-n", "kserve").strip()
        kubeconfig = server.kubeconfig_for(token, folder / "own-kubeconfig")
        log, port = folder / "stand-in.log", any_free_port()
        command = [sys.executable, "-m", "infra.local.kserve_stand_in", "--port", str(port)]
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [*command, "--resync-seconds", "5"],
                env={**os.environ, "KUBECONFIG": str(kubeconfig), "NO_PROXY": "127.0.0.1"},
                cwd=ROOT,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        yield StandIn(server, process, log, f"http://127.0.0.1:{port}/healthz")
        process.terminate()
        process.wait(timeout=30)


def test_it_becomes_its_children_and_is_ready_once_its_pods_answer(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("ready", maxReplicas=3))

    stand_in.awaited("service", "ready-predictor")
    stand_in.awaited("hpa", "ready-predictor")
    assert stand_in.condition("ready", "Ready") != "True"
    stand_in.answer("ready")
    await_("it is ready", lambda: stand_in.condition("ready", "Ready") == "True")
    status = (stand_in.get("isvc", "ready") or {})["status"]
    assert status["address"]["url"] == "http://ready-predictor.models.svc.cluster.local"
    assert status["modelStatus"]["transitionStatus"] == "UpToDate"


def test_the_deployment_becomes_a_pod_with_what_was_injected(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("pods", NONE))

    selector = ("-n", NAMESPACE, "-l", "serving.kserve.io/inferenceservice=pods,component=predictor")
    (pod,) = await_("there is a pod", lambda: stand_in.server.get("pods", *selector)["items"])
    env = {variable["name"]: variable["value"] for variable in pod["spec"]["containers"][0]["env"]}
    assert env == {"INFERENCE_SERVICE_NAME": "pods"}


def test_drift_is_healed_and_what_was_deleted_comes_back(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("drift", NONE))
    stand_in.awaited("deployment", "drift-predictor")
    stand_in.awaited("service", "drift-predictor")

    on = ("-n", NAMESPACE)
    stand_in.server.kubectl("scale", "deployment/drift-predictor", "--replicas=3", *on)
    stand_in.server.kubectl("set", "env", "deployment/drift-predictor", "BY_HAND=1", *on)
    stand_in.server.kubectl("delete", "service", "drift-predictor", *on)

    def healed() -> bool:
        spec = (stand_in.get("deployment", "drift-predictor") or {})["spec"]
        return spec["replicas"] == 1 and len(spec["template"]["spec"]["containers"][0]["env"]) == 1

    await_("the Deployment is as it was", healed)
    stand_in.awaited("service", "drift-predictor")


def test_a_stopped_one_loses_its_children_and_gets_them_back(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("stopped", NONE))
    stand_in.awaited("deployment", "stopped-predictor")
    annotate = ("annotate", "isvc", "stopped", "-n", NAMESPACE, "--overwrite")

    stand_in.server.kubectl(*annotate, "serving.kserve.io/stop=true")
    await_("it is gone", lambda: stand_in.get("deployment", "stopped-predictor") is None)
    await_("it says so", lambda: stand_in.condition("stopped", "Stopped") == "True")

    stand_in.server.kubectl(*annotate, "serving.kserve.io/stop=false")
    stand_in.awaited("deployment", "stopped-predictor")


def test_without_an_autoscaler_the_one_that_was_there_goes(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("scaled"))
    stand_in.awaited("hpa", "scaled-predictor")

    stand_in.server.apply(an_inference_service("scaled", NONE))

    await_("the autoscaler is gone", lambda: stand_in.get("hpa", "scaled-predictor") is None)


def test_a_rollout_that_hangs_leaves_it_ready(stand_in: StandIn) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    stand_in.server.apply(an_inference_service("hangs", NONE, deploymentStrategy=strategy))
    stand_in.answer("hangs")
    await_("it is ready", lambda: stand_in.condition("hangs", "Ready") == "True")

    annotated = {"homeostat.dev/model-version": "2"}
    stand_in.server.apply(
        an_inference_service("hangs", NONE, deploymentStrategy=strategy, annotations=annotated)
    )

    def generation() -> int:
        return (stand_in.get("isvc", "hangs") or {})["status"].get("observedGeneration", 0)

    await_("the new generation is seen", lambda: generation() == 2)
    assert stand_in.condition("hangs", "Ready") == "True"


def test_a_deleted_one_takes_its_children_along(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("gone", NONE))
    stand_in.awaited("deployment", "gone-predictor")

    stand_in.server.kubectl("delete", "isvc", "gone", "-n", NAMESPACE, "--timeout=60s")

    await_("the Deployment is gone", lambda: stand_in.get("deployment", "gone-predictor") is None)
    await_("the Service is gone", lambda: stand_in.get("service", "gone-predictor") is None)


def test_a_service_that_claims_to_be_the_predictor_under_another_name_is_deleted(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("claimed", NONE))
    stand_in.awaited("service", "claimed-predictor")
    labels = {"serving.kserve.io/inferenceservice": "claimed", "component": "predictor"}
    metadata = {"name": "mine", "namespace": NAMESPACE, "labels": labels}

    spec = {"ports": [{"port": 80, "protocol": "TCP"}]}
    stand_in.server.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})

    await_("it is deleted", lambda: stand_in.get("service", "mine") is None)


def test_it_is_healthy_and_had_every_right_that_it_needed(stand_in: StandIn) -> None:
    stand_in.server.apply(an_inference_service("last", NONE))
    stand_in.answer("last")
    await_("it is ready", lambda: stand_in.condition("last", "Ready") == "True")

    assert httpx.get(stand_in.health, trust_env=False).status_code == 200
    assert "forbidden" not in stand_in.said().lower()
    assert all(json.loads(line)["service"] == "kserve-stand-in" for line in stand_in.said().splitlines())
