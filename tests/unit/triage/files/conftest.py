"""A folder of evidence on disk, read as the command reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.evidence.collector import scope_of
from triage.evidence.files.collector import FolderCollector, open_folder
from triage.evidence.files.placing import placed, present
from triage.evidence.gather import Gatherer
from triage.evidence.item import EvidenceItem, Observation
from triage.senders.alertmanager import load_webhook

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Saved:
    """The evidence that a folder yields."""

    items: Sequence[EvidenceItem]

    def all(self, name: str) -> Sequence[Observation]:
        return [one for item in self.items for one in item.observations if one.name == name]

    def one(self, name: str) -> Observation:
        found = self.all(name)
        assert found, f"no {name} among {sorted({o.name for i in self.items for o in i.observations})}"
        return found[0]

    def said(self, name: str) -> str:
        """The line that the first observation of that name stands on."""
        observation = self.one(name)
        item = next(item for item in self.items if observation in item.observations)
        return item.text_of(observation.line) or ""


Save = Callable[..., Saved]


@pytest.fixture
def alert_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes an Alertmanager payload with one alert of that name."""

    def write(alertname: str = "SomethingIsWrong", **labels: str) -> Path:
        alert = {
            "status": "firing",
            "labels": {"alertname": alertname, **labels},
            "annotations": {},
            "startsAt": "2026-03-01T11:50:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "abc",
        }
        path = tmp_path / "alert.json"
        path.write_text(json.dumps({"version": "4", "groupKey": "g", "alerts": [alert]}))
        return path

    return write


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Writes files below one folder."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "evidence"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def save(folder, alert_file) -> Save:
    """Reads files as evidence about an alert."""

    def read(files: Mapping[str, str | bytes], alertname: str = "SomethingIsWrong", **labels: str) -> Saved:
        opened = open_folder(folder(files))
        alert = load_webhook(alert_file(alertname, **labels)).alerts[0]
        scope = scope_of(alert, present(alert, opened.latest, lambda: NOW))
        scope = placed(scope, opened.observations, opened.latest)
        return Saved(Gatherer([FolderCollector(opened, lambda: NOW)], lambda: NOW).gather(scope))

    return read
