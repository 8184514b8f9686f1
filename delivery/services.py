"""The service that works the queue of pushed commits."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from homeostat.service import Launch, Service, Site


def services(site: Site) -> Iterable[Service]:
    """The runner; it has no port, since git and the queue are its interface."""
    del site
    return (Service(name="runner", launch=_launch, needs=("mlflow",)),)


def _launch(site: Site) -> Launch:
    return Launch(
        argv=(sys.executable, "-m", "homeostat", "delivery", "run"),
        env={"MLFLOW_TRACKING_URI": site.url("mlflow")},
    )
