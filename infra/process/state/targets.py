"""What Prometheus scrapes: one ``file_sd`` file a service, there as long as the service is declared."""

from __future__ import annotations

import json
from pathlib import Path

from homeostat import atomic
from homeostat.service import Service
from infra.process.state.ports import LOOPBACK


def write_target(folder: Path, service: Service, port: int) -> None:
    """Let Prometheus scrape ``service``; nothing happens when it has no metrics."""
    if service.metrics_path is None:
        return
    labels = {"service": service.name, **service.labels, "__metrics_path__": service.metrics_path}
    content = [{"targets": [f"{LOOPBACK}:{port}"], "labels": labels}]
    atomic.write_text(folder / f"{service.name}.json", json.dumps(content, indent=2) + "\n")


def remove_target(folder: Path, service: str) -> None:
    """Let Prometheus forget ``service``."""
    (folder / f"{service}.json").unlink(missing_ok=True)


def clear_targets(folder: Path) -> None:
    """Remove what an earlier run left, and make the folder that Prometheus watches."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        path.unlink()
