"""From a request to its answer, in pveproxy's order: path, caller, permission, host, parameters, effect."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.proxmox_simulator import api as _registers_handlers  # noqa: F401  # pyright: ignore[reportUnusedImport]
from tests.proxmox_simulator.cluster import Call, Cluster
from tests.proxmox_simulator.faults import Faults
from tests.proxmox_simulator.parameters import check_parameters
from tests.proxmox_simulator.refusal import Refusal
from tests.proxmox_simulator.routes import HANDLERS, Page
from tests.proxmox_simulator.rules import Rules


class Request(NamedTuple):
    """One request as it was received; `path` is below /api2/json."""

    method: str
    path: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; `body` is JSON, None an empty body, and status 0 closes the connection."""

    status: int
    reason: str
    body: dict[str, Any] | None


@dataclass(slots=True)
class Gateway:
    """The API behind the servers of all hosts."""

    cluster: Cluster
    faults: Faults = field(default_factory=Faults)
    requests: list[Request] = field(default_factory=list[Request])
    latency_seconds: float = 0.0
    mistakes: list[Exception] = field(default_factory=list[Exception])
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Request, headers: Mapping[str, str], served_by: str) -> Answer:
        """Do what is asked, or refuse it."""
        with self._guard:
            self.requests.append(request)
        if self.latency_seconds:
            time.sleep(self.latency_seconds)
        if served_by in self.cluster.offline:
            return Answer(0, "", None)
        fault = self.faults.take(request.method, request.path)
        if fault and not fault.after_effect:
            return _faulty(fault.status, fault.message)
        try:
            answer = Answer(200, "OK", self._data(request, headers, served_by))
        except Refusal as refusal:
            answer = _refused(refusal)
        except Exception as mistake:  # noqa: BLE001  # a server's edge; Simulator.start raises it at its end
            self.mistakes.append(mistake)
            answer = Answer(500, f"the simulator failed: {type(mistake).__name__}: {mistake}", None)
        return _faulty(fault.status, fault.message) if fault else answer

    def _data(self, request: Request, headers: Mapping[str, str], served_by: str) -> dict[str, Any]:
        found = Rules(self.cluster.major).find(request.method, request.path)
        handler = HANDLERS.get((found[0].verb, found[0].template)) if found else None
        if found is None or handler is None:
            raise Refusal(501, f"Method '{request.method} {request.path}' not implemented")
        method, in_path = found
        caller = self.cluster.accounts.get("root@pam")
        if method.permissions.get("user") != "world":
            caller = self.cluster.accounts.authenticate(
                request.method,
                headers.get("Authorization", ""),
                headers.get("Cookie", ""),
                headers.get("CSRFPreventionToken", ""),
            )
        twice = in_path.keys() & request.parameters.keys()
        if twice:
            raise Refusal(400, f"Parameter verification failed - duplicate parameter '{min(twice)}'")
        parameters = in_path | request.parameters
        assert caller is not None
        call = Call(self.cluster, caller, parameters, served_by)
        call.permissions.check_rule(method.permissions, parameters)
        if "node" in in_path:
            self.cluster.check_host(in_path["node"])
        check_parameters(parameters, method.params)
        if request.method == "GET":
            with self.cluster.lock:
                data = handler(call)
        else:  # takes the lock for its effect only, since it may wait for a VM's file lock
            data = handler(call)
        # lists that are cut into pages come with their whole length beside them
        return {"data": data.items, "total": data.total} if isinstance(data, Page) else {"data": data}


def _refused(refusal: Refusal) -> Answer:
    if refusal.status in (401, 595):
        return Answer(refusal.status, refusal.message, None)
    body: dict[str, Any] = {"data": None, "message": f"{refusal.message}\n"}
    if refusal.errors:
        body["errors"] = refusal.errors
    return Answer(refusal.status, refusal.message, body)


def _faulty(status: int, message: str) -> Answer:
    return Answer(status, message, None)
