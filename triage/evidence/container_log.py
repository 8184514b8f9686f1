"""How the log of a container is called among the evidence, so that analysts can tell it from a process's."""

from __future__ import annotations

_PREVIOUS = ".previous"


def container_log(pod: str, container: str, which: str) -> str:
    """The item's id; ``which`` is ``current`` or ``previous``.

    >>> container_log("web-0", "web", "previous")
    'log.web-0/web.previous'
    """
    return f"log.{pod}/{container}{_PREVIOUS if which == 'previous' else ''}"


def is_container_log(item_id: str) -> bool:
    """Whether the item is a container's log; a service's name has no slash."""
    return item_id.startswith("log.") and "/" in item_id


def logs_of(pod: str, container: str) -> tuple[str, str]:
    """The ids of both logs of a container, the one before its last restart first."""
    return container_log(pod, container, "previous"), container_log(pod, container, "current")
