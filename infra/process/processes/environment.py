"""The environment that a service starts in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from homeostat.loopback import without_proxy_on_loopback
from homeostat.paths import ROOT_VARIABLE, STATE_VARIABLE
from homeostat.service import LISTEN_FD_VARIABLE
from infra.linux.marks import MARKS_VARIABLE, with_marks

NOTIFY_VARIABLE = "NOTIFY_SOCKET"
#: set for those who called us (a git hook, systemd) and wrong for those whom we start
_NOT_PASSED_ON = frozenset(
    {
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_QUARANTINE_PATH"),
        *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
        *(LISTEN_FD_VARIABLE, NOTIFY_VARIABLE, "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"),
    }
)


def service_environment(base: Mapping[str, str], root: Path, state: Path, *marks: str) -> dict[str, str]:
    """``base`` for a process of the platform: it carries ``marks`` and reaches loopback without a proxy."""
    passed_on = {name: value for name, value in base.items() if name not in _NOT_PASSED_ON}
    return {
        **passed_on,
        **without_proxy_on_loopback(base),
        ROOT_VARIABLE: str(root),
        STATE_VARIABLE: str(state),
        MARKS_VARIABLE: with_marks(base, *marks),
        "PYTHONUNBUFFERED": "1",
    }
