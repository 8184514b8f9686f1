"""Tables of ``kubectl get``: what a line says of an object, which is less than a description does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from triage.evidence.files.table import Row, rows
from triage.evidence.item import Observation
from triage.evidence.tail import RawLine

#: what stands for a container whose name a table does not tell
UNNAMED = ""
_ENDED = frozenset(
    {"OOMKilled", "Error", "Completed", "ContainerCannotRun", "StartError", "DeadlineExceeded"}
)
_PHASES = frozenset({"Running", "Pending", "Succeeded", "Failed", "Unknown", "Terminating", "Evicted"})
_KINDS = {
    "pod": "Pod", "deployment": "Deployment", "replicaset": "ReplicaSet", "statefulset": "StatefulSet",
    "daemonset": "DaemonSet", "node": "Node", "persistentvolumeclaim": "PersistentVolumeClaim",
    "application": "Application", "job": "Job",
}  # fmt: skip


def observations_of_table(lines: Sequence[RawLine]) -> Iterable[Observation]:
    """The observations of each row, by the columns that only a kind's table has."""
    for row in rows(lines):
        yield from _of_row(row)


def _of_row(row: Row) -> Iterable[Observation]:
    cells = row.cells
    prefix, _, name = row.get("name").rpartition("/")
    named = _KINDS.get(prefix.split(".")[0], "")
    if not name:
        return []
    if {"sync status", "health status"} <= set(cells):
        return _application(row, name)
    if named in {"", "Pod"} and {"ready", "status", "restarts"} <= set(cells):
        return _pod(row, name)
    if {"status", "roles", "version"} <= set(cells):
        return _node(row, name)
    if {"storageclass", "status", "capacity"} <= set(cells) and "claim" not in cells:
        return _claim(row, name)
    return _workload(row, name, named or _kind_of_workload(set(cells)) or prefix.split(".")[0])


def _kind_of_workload(columns: AbstractSet[str]) -> str:
    if "up-to-date" in columns:
        return "DaemonSet" if "desired" in columns else "Deployment"
    return "ReplicaSet" if {"desired", "current", "ready"} <= columns else ""


def _pod(row: Row, name: str) -> Iterable[Observation]:
    status, line = row.get("status"), row.line.number
    ready, _, of = row.get("ready").partition("/")
    restarts = row.get("restarts").split(" ")[0]
    numbers = {
        "ready": float(bool(of) and ready == of),
        "restarts": float(restarts) if restarts.isdecimal() else 0.0,
    }
    base = {"pod": name, "namespace": row.get("namespace"), "container": UNNAMED, "told": "table"}
    phase = status if status in _PHASES else ("Pending" if ready == "0" else "Running")
    yield Observation(
        name="pod", line=line, numbers={"ready": numbers["ready"]}, texts={**base, "phase": phase}
    )
    reason = status.removeprefix("Init:")
    if status == "Evicted" or status in _PHASES or not status:
        return
    kind = (
        "pod.terminated" if reason in _ENDED or reason.startswith(("ExitCode", "Signal")) else "pod.waiting"
    )
    yield Observation(name=kind, line=line, numbers=numbers, texts={**base, "reason": reason, "message": ""})


def _workload(row: Row, name: str, kind: str) -> Iterable[Observation]:
    if row.get("ready") in {"True", "False", "Unknown"}:
        yield from _of_operator(row, name, kind)
        return
    ready, _, of = row.get("ready").partition("/")
    desired = of or row.get("desired")
    if not (kind and ready.isdecimal() and desired.isdecimal()):
        return
    available = row.get("available")
    numbers = {
        "desired": float(desired),
        "ready": float(ready),
        "available": float(available) if available.isdecimal() else float(ready),
    }
    texts = {"kind": kind, "name": name, "namespace": row.get("namespace")}
    yield Observation(name="workload", line=row.line.number, numbers=numbers, texts=texts)


def _claim(row: Row, name: str) -> Iterable[Observation]:
    texts = {
        "claim": name,
        "namespace": row.get("namespace"),
        "phase": row.get("status"),
        "size": row.get("capacity") or "unknown size",
        "class": row.get("storageclass"),
    }
    yield Observation(name="claim", line=row.line.number, texts=texts)


def _of_operator(row: Row, name: str, kind: str) -> Iterable[Observation]:
    """An operator's object, whose table ends with the words of its condition Ready."""
    texts = {
        "kind": kind,
        "name": name,
        "namespace": row.get("namespace"),
        "type": "Ready",
        "status": row.get("ready"),
        "reason": row.get("reason"),
        "message": row.get("message", "status"),
    }
    yield Observation(name="workload.condition", line=row.line.number, texts=texts)


def _node(row: Row, name: str) -> Iterable[Observation]:
    told = row.get("status").split(",")
    status = "True" if told[0] == "Ready" else "False"
    texts = {"node": name, "type": "Ready", "status": status, "reason": row.get("status")}
    yield Observation(name="node.condition", line=row.line.number, texts=texts)
    if "SchedulingDisabled" in told:
        texts = {"node": name, "type": "Unschedulable", "status": "True", "reason": "Cordoned"}
        yield Observation(name="node.condition", line=row.line.number, texts=texts)


def _application(row: Row, name: str) -> Iterable[Observation]:
    texts = {"application": name, "sync": row.get("sync status"), "health": row.get("health status")}
    yield Observation(name="app", line=row.line.number, texts=texts)
