"""How the log of a container is called among the evidence; a service's own has no slash."""

from __future__ import annotations

_PREVIOUS = ".previous"


def container_log(pod: str, container: str, which: str) -> str:
    """The item's id; ``which`` is ``current`` or ``previous``.

    >>> container_log("web-0", "web", "previous")
    'log.web-0/web.previous'
    """
    return f"log.{pod}/{container}{_PREVIOUS if which == 'previous' else ''}"


def logs_of(pod: str, container: str) -> tuple[str, str]:
    """The ids of both logs of a container, the one before its last restart first."""
    return container_log(pod, container, "previous"), container_log(pod, container, "current")
