"""Which function serves which method of which path."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.proxmox_simulator.cluster import Call

Handler = Callable[[Call], Any]


class Page(NamedTuple):
    """A part of a list, and how long the whole is."""

    items: list[Any]
    total: int


#: (method, path as in rules.json) -> handler
HANDLERS: dict[tuple[str, str], Handler] = {}


def route(verb: str, template: str) -> Callable[[Handler], Handler]:
    """Register the decorated function."""

    def register(handler: Handler) -> Handler:
        HANDLERS[verb, template] = handler
        return handler

    return register
