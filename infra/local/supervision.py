"""Bring one program of the cluster to what it should be: running, with today's configuration, and working."""

from __future__ import annotations

from collections.abc import Sequence

from infra.local import processes
from infra.local.component import Component
from infra.local.errors import ComponentNotReady
from infra.local.place import Place


def ensure(place: Place, component: Component) -> Sequence[str]:
    """Start the component unless it runs as it should; return what was done.

    Raises:
        ComponentNotReady: when it does not work in time.
    """
    there = [found for found in processes.running(place) if found.component == component.name]
    current = [found for found in there if found.revision == component.revision]
    for outdated in [found for found in there if found not in current[:1]]:
        processes.stop(outdated)
    if current:
        return _keep(place, component, current[0])
    processes.await_ready(place, component, processes.start(place, component))
    return [f"{component.name} was started" + (" anew, with another configuration" if there else "")]


def _keep(place: Place, component: Component, there: processes.Running) -> Sequence[str]:
    """Leave it alone when it works; one that runs and does not work is started anew."""
    try:
        processes.await_ready(place, component, there.identity)
    except ComponentNotReady:
        processes.stop(there)
        processes.await_ready(place, component, processes.start(place, component))
        return [f"{component.name} did not answer and was started anew"]
    return []
