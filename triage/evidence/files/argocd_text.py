"""What ``argocd app get`` prints of an application, as the observations of the live object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from triage.evidence.files.outline import outlined
from triage.evidence.files.table import rows
from triage.evidence.item import Observation
from triage.evidence.kubernetes.application import HEALTHY
from triage.evidence.log_time import written_time
from triage.evidence.tail import RawLine

_SYNCED = frozenset({"", "Synced", "Pruned", "PruneSkipped"})


def application_observations(lines: Sequence[RawLine]) -> Iterable[Observation]:
    """The state, the last operation, the conditions and the objects that are not well."""
    tables = [at for at, line in enumerate(lines) if line.raw.startswith(("GROUP ", "CONDITION ", "KIND "))]
    root = outlined(lines)
    name = root.text("Name").split("/")[-1]
    health, sync = root.get("Health Status"), root.get("Sync Status")
    said = health.value.split(" ")[0] if health else ""
    shown = health if said not in HEALTHY else (sync or health)
    if shown:
        texts = {"application": name, "sync": sync.value.split(" ")[0] if sync else "", "health": said}
        yield Observation(name="app", line=shown.line.number, texts=texts)
    if operation := (root.get("Message") if root.text("Message") else root.get("Phase")):
        texts = {
            "phase": root.text("Phase"),
            "message": root.text("Message"),
            "revision": root.text("Sync Revision"),
        }
        at = written_time(root.text("Finished")) or written_time(root.text("Start"))
        yield Observation(name="app.operation", line=operation.line.number, at=at, texts=texts)
    for at, end in pairwise([*tables, len(lines)]):
        yield from _of_table(lines[at:end])


def _of_table(lines: Sequence[RawLine]) -> Iterable[Observation]:
    for row in rows(lines):
        message, line = row.get("message"), row.line.number
        if "condition" in row.cells:
            at = written_time(row.get("last transition"))
            texts = {"type": row.get("condition"), "message": message}
            yield Observation(name="app.condition", line=line, at=at, texts=texts)
            continue
        told = {"kind": row.get("kind"), "name": row.get("name"), "status": row.get("status")}
        health = row.get("health")
        if health not in HEALTHY or row.get("status") not in _SYNCED:
            texts = {**told, "namespace": row.get("namespace"), "health": health, "message": message}
            yield Observation(name="app.resource", line=line, texts=texts)
        if row.get("status") in {"SyncFailed", "Failed"}:
            yield Observation(name="app.refused", line=line, texts={**told, "message": message})
