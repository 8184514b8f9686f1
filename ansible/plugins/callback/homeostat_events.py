"""What a play does, as JSON lines to whoever started it, such as ``homeostat hosts``."""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: homeostat_events
type: notification
short_description: tells each event of a run as a JSON line
description:
  - Writes one JSON object a line to the file descriptor that the starting program passes on.
  - Without one it is silent, so that runs by hand look as ever.
options: {}
"""

#: the open file descriptor that lines are written to
DESCRIPTOR_VARIABLE = "HOMEOSTAT_EVENTS_FD"


class CallbackModule(CallbackBase):
    """One line an event; a reader that is gone ends the run as Ctrl-C would."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "homeostat_events"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        given = os.environ.get(DESCRIPTOR_VARIABLE)
        self._descriptor = int(given) if given else None
        # some callbacks come from the thread that gathers results
        self._lock = threading.Lock()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Tell that a play begins."""
        self._tell(event="play", name=play.get_name().strip())

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:  # noqa: ARG002, FBT001 - Ansible's call
        """Tell that a task begins, on the first of its hosts."""
        self._tell(event="task", name=task.get_name().strip())

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Tell that a handler begins."""
        self._tell(event="task", name=task.get_name().strip())

    def v2_runner_on_ok(self, result: Any) -> None:
        """Tell what a host changed or said."""
        self._result(result, "changed" if result.is_changed() else "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:  # noqa: FBT001, FBT002 - Ansible's call
        """Tell what failed, and whether the play goes on all the same."""
        self._result(result, "failed", ignored=bool(ignore_errors))

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Tell that a host could not be entered."""
        self._result(result, "unreachable")

    def v2_runner_retry(self, result: Any) -> None:
        """Tell that a host is waited for."""
        found = result.result
        self._tell(
            event="retry",
            host=result.host.get_name(),
            task=result.task_name,
            attempt=found.get("attempts", 0),
            most=found.get("retries", 0),
        )

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Tell the counts of each host, and what the play leaves for whoever started it."""
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._tell(event="stats", hosts=hosts, left=stats.custom.get("_run", {}))

    def _result(self, result: Any, status: str, *, ignored: bool = False) -> None:
        found = result.result
        hidden = "censored" in found
        decisive = _failed_item(found) if status == "failed" else found
        self._tell(
            event="result",
            host=result.host.get_name(),
            task=result.task_name,
            status=status,
            ignored=ignored,
            hidden=hidden,
            told=status == "ok" and result.task.action in {"debug", "ansible.builtin.debug"} and not hidden,
            message="" if hidden else _text(decisive.get("msg")),
            errors="" if hidden else _errors(decisive),
            diff="" if hidden else self._shown_diff(found),
        )

    def _shown_diff(self, found: Any) -> str:
        parts = [found, *(part for part in found.get("results", []) if isinstance(part, dict))]
        return "".join(
            self._get_diff(part["diff"]) for part in parts if part.get("diff") and part.get("changed")
        )

    def _tell(self, **event: Any) -> None:
        if self._descriptor is None:
            return
        line = json.dumps(event, default=str).encode() + b"\n"
        try:
            with self._lock:
                while line:
                    line = line[os.write(self._descriptor, line) :]
        except BrokenPipeError:
            # whoever started the run is gone: nobody would know how it ends
            self._descriptor = None
            os.kill(os.getpid(), signal.SIGINT)


def _failed_item(found: Any) -> Any:
    """Of a loop the item that failed, since the whole says only that one did."""
    items = [part for part in found.get("results", []) if isinstance(part, dict)]
    return next((part for part in items if part.get("failed")), found)


def _errors(found: Any) -> str:
    """What a command, or the module itself, wrote to its standard error."""
    return _text(found.get("stderr") or found.get("module_stderr") or "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)
