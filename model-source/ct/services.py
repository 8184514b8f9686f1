"""The services that this room wants to run: MLflow."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from homeostat.service import Launch, Service, Site

NAME = "mlflow"


def services(site: Site) -> Iterable[Service]:
    """The tracking server and model registry."""
    del site
    yield Service(name=NAME, launch=_launch, default_port=5000, health_path="/health")


def _launch(site: Site) -> Launch:
    folder = site.directory(NAME)
    argv = (
        *(sys.executable, "-m", "ct.recording.tracking_server"),
        *("--folder", str(folder)),
        *("--port", str(site.port(NAME))),
    )
    return Launch(argv=argv)
