"""Who must be healthy before whom."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import cast

from homeostat.errors import HomeostatError
from homeostat.service import Service


class NeedsError(HomeostatError):
    """Services need each other in a circle, one that no room declares, or one that may fail."""


def start_order(services: Mapping[str, Service]) -> list[str]:
    """The names of ``services``, each after all that it needs.

    Raises:
        NeedsError: when no such order exists.
    """
    for service in services.values():
        for need in service.needs:
            if need not in services:
                near = difflib.get_close_matches(need, services, n=1)
                hint = f"; did it mean '{near[0]}'?" if near else "."
                raise NeedsError(f"{service.name} needs '{need}', which no room declares{hint}")
            if not services[need].essential:
                raise NeedsError(
                    f"{service.name} needs '{need}', which is not essential: it may never start."
                )
    try:
        return list(
            TopologicalSorter({name: service.needs for name, service in services.items()}).static_order()
        )
    except CycleError as error:
        circle = " -> ".join(cast("list[str]", error.args[1]))
        raise NeedsError(f"services need each other in a circle: {circle}.") from None
