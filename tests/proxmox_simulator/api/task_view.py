"""Tasks: lists, status and logs."""

from typing import Any

from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import wrong_parameters
from tests.proxmox_simulator.routes import Page, route
from tests.proxmox_simulator.tasks import Task


def task_row(task: Task) -> dict[str, Any]:
    """A task in a list."""
    row: dict[str, Any] = {
        "upid": task.upid, "node": task.host, "pid": task.pid, "pstart": task.pstart,
        "starttime": task.started_at, "type": task.kind, "id": task.id,
        **dict(zip(("user", "tokenid"), task.user.split("!"), strict=False)),
    }  # fmt: skip
    if task.exit_status is not None:
        row |= {"endtime": task.ended_at, "status": task.exit_status}
    return row


def _task(call: Call) -> Task:
    """The task in the path, if the caller may see it."""
    upid = call.parameters["upid"]
    if not upid.startswith("UPID:"):
        raise wrong_parameters({"upid": "unable to parse worker upid"})
    task = call.cluster.tasks.all.get(upid)
    if task is None or task.host != call.host:
        raise wrong_parameters({"upid": "no such task"})
    owner = call.caller.name
    if task.user != owner and not task.user.startswith(f"{owner}!"):
        call.permissions.check(f"/nodes/{call.host}", "Sys.Audit")
    return task


@route("GET", "/nodes/{node}/tasks")
def tasks(call: Call) -> Page:
    found = [task for task in reversed(list(call.cluster.tasks.all.values())) if _listed(call, task)]
    start, limit = int(call.text("start") or 0), int(call.text("limit") or 50)
    return Page([task_row(task) for task in found[start : start + limit]], len(found))


def _listed(call: Call, task: Task) -> bool:
    source = call.text("source") or "archive"
    running = task.exit_status is None
    return (
        task.host == call.host
        and (source == "all" or running == (source == "active"))
        and (call.text("vmid") in (None, task.id))
        and (call.text("typefilter") in (None, task.kind))
        and not (call.flag("errors") and task.exit_status == "OK")
        and task.started_at >= int(call.text("since") or 0)
        and (task.user == call.caller.name or call.permissions.has(f"/nodes/{call.host}", "Sys.Audit"))
    )


@route("GET", "/nodes/{node}/tasks/{upid}")
def task_index(call: Call) -> list[dict[str, str]]:
    return [{"name": "log"}, {"name": "status"}]


@route("GET", "/nodes/{node}/tasks/{upid}/status")
def status(call: Call) -> dict[str, Any]:
    task = _task(call)
    row = task_row(task)
    row.pop("endtime", None)
    if task.exit_status is None:
        return row | {"status": "running"}
    return row | {"status": "stopped", "exitstatus": task.exit_status}


@route("GET", "/nodes/{node}/tasks/{upid}/log")
def log(call: Call) -> Page:
    lines = list(_task(call).log) or ["no content"]
    start, limit = int(call.text("start") or 0), int(call.text("limit") or 50)
    end = len(lines) if limit == 0 else start + limit
    return Page([{"n": n, "t": text} for n, text in enumerate(lines, 1)][start:end], len(lines))


@route("DELETE", "/nodes/{node}/tasks/{upid}")
def stop(call: Call) -> None:
    task = _task(call)
    if task.user != call.caller.name:
        call.permissions.check(f"/nodes/{call.host}", "Sys.Modify")
    task.stopped.set()
