"""Start the local cluster: each step brings one part to what it should be, and says what it changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from homeostat import atomic
from infra.cluster.step import Say, Step
from infra.gitops.kubectl import Kubectl
from infra.linux.marks import MARKS_VARIABLE, with_marks
from infra.local import (
    addons,
    capabilities,
    cgroups,
    control_plane,
    identities,
    network,
    node,
    node_images,
    node_readiness,
    ownership,
    processes,
    toolbox,
)
from infra.local.certificates import Certificates
from infra.local.component import Component
from infra.local.dns import resolve
from infra.local.errors import ComponentNotReady
from infra.local.kubeconfig import kubeconfig
from infra.local.place import API_SERVICE_ADDRESS, DNS_ADDRESS, NODE_NAME, Place
from infra.local.supervision import ensure
from infra.local.toolbox import Toolbox
from infra.programs.obtain import Programs

_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
_DNS_SECONDS = 120.0
_OWN_NAME = "kubernetes.default.svc.cluster.local"
_ADDONS = ("coredns", "local-path-provisioner")


class Start:
    """The steps from a bare machine to a cluster that answers; what one finds, the next ones use."""

    def __init__(self, place: Place, programs: Programs) -> None:
        self._place = place
        self._programs = programs
        self._certificates = Certificates(place.certificates)
        self._tools: Toolbox | None = None

    def steps(self) -> Sequence[Step]:
        """All steps, in their order."""
        return (
            Step("check the machine", self._check),
            Step("obtain the programs", self._obtain),
            Step("keys and certificates", self._certify),
            Step("network", self._connect),
            Step("control plane", self._control_plane),
            Step("containerd", self._containerd),
            Step("images of the node", self._images),
            Step("node", self._node),
            Step("DNS and volumes", self._addons),
        )

    @property
    def kubectl(self) -> Kubectl:
        """The API of the cluster, for later steps."""
        return Kubectl(self._toolbox["kubectl"], self._place.kubeconfig)

    @property
    def _toolbox(self) -> Toolbox:
        assert self._tools is not None, "the step that obtains programs comes first"  # noqa: S101 - an order, not input
        return self._tools

    def _check(self, _say: Say) -> Sequence[str]:
        capabilities.require(self._place)
        # what a killed start leaves behind (kubectl, a build) is found by this mark, and swept by a stop
        os.environ[MARKS_VARIABLE] = with_marks(os.environ, self._place.mark)
        return ownership.claim(self._place)

    def _obtain(self, say: Say) -> Sequence[str]:
        self._tools = toolbox.gather(self._programs, say)
        return [f"link to {name}" for name in toolbox.link(self._place, self._tools)]

    def _certify(self, _say: Say) -> Sequence[str]:
        now = datetime.now(UTC)
        made = [*self._certificates.prepare(now)]
        made += [f"certificate of {who.file}" for who in identities.ALL if self._certificates.issue(who, now)]
        return made + self._write_kubeconfig()

    def _write_kubeconfig(self) -> list[str]:
        administrator = self._certificates.pair(identities.ADMINISTRATOR)
        text = kubeconfig(
            control_plane.API_SERVER_URL, self._certificates.authority.certificate, administrator
        )
        path = self._place.kubeconfig
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return []
        atomic.write_text(path, text, mode=0o600)
        return ["kubeconfig"]

    def _connect(self, _say: Say) -> Sequence[str]:
        return network.create(self._place)

    def _control_plane(self, say: Say) -> Sequence[str]:
        done = self._ensure_all((control_plane.etcd,), say)
        if done:
            # it would wait ever longer before it asks an etcd again that was gone: up to two minutes
            done += [f"{name} was stopped" for name in processes.stop_named(self._place, "kube-apiserver")]
        rest = (control_plane.api_server, control_plane.controller_manager, control_plane.scheduler)
        return done + self._ensure_all(rest, say)

    def _containerd(self, say: Say) -> Sequence[str]:
        say("containerd")
        return ensure(self._place, node.containerd(self._place, self._toolbox))

    def _images(self, _say: Say) -> Sequence[str]:
        return node_images.load(self._place, self._toolbox)

    def _node(self, say: Say) -> Sequence[str]:
        made = [*cgroups.create()]
        # containers that outlived the kubelet are kept; else all pods of before must come up anew
        since = None if cgroups.members() else datetime.now(UTC)
        made += self._ensure_all((node.kubelet, node.proxy), say)
        started_anew = since if any(what.startswith("kubelet") for what in made) else None
        say("waiting for the node")
        node_readiness.await_node(self.kubectl, started_anew)
        return made + self._label_node()

    def _label_node(self) -> list[str]:
        """Say that the control plane is here, as K3s does; a kubelet may not say it of itself."""
        found = self.kubectl.get("node", NODE_NAME)
        if found and _CONTROL_PLANE in found["metadata"].get("labels", {}):
            return []
        self.kubectl.run("label", "node", NODE_NAME, f"{_CONTROL_PLANE}=true")
        return [f"label {_CONTROL_PLANE}"]

    def _ensure_all(
        self, makers: Sequence[Callable[[Place, Toolbox, Certificates], Component]], say: Say
    ) -> list[str]:
        done: list[str] = []
        for make in makers:
            component = make(self._place, self._toolbox, self._certificates)
            say(component.name)
            done += ensure(self._place, component)
        return done

    def _addons(self, say: Say) -> Sequence[str]:
        values = {
            **self._toolbox.versions,
            "dns_address": DNS_ADDRESS,
            "volumes": str(self._place.volumes),
        }
        self._place.volumes.mkdir(parents=True, exist_ok=True)
        changed = self.kubectl.apply(addons.manifests(values))
        for name in _ADDONS:
            say(f"waiting for {name}")
            self.kubectl.wait(
                f"deployment/{name}", "condition=Available", timeout_seconds=180, namespace="kube-system"
            )
        _await_dns()
        return changed


def _await_dns() -> None:
    """Wait until a pod answers through a service: the objects may still tell how it was before a stop."""
    deadline = time.monotonic() + _DNS_SECONDS
    while resolve(_OWN_NAME, DNS_ADDRESS) != API_SERVICE_ADDRESS:
        if time.monotonic() > deadline:
            raise ComponentNotReady(f"the cluster's DNS at {DNS_ADDRESS} does not know {_OWN_NAME}.")
        time.sleep(0.2)
