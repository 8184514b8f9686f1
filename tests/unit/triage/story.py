"""A past for triage to explain: series, log lines and hand-offs that agree with each other."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeostat.release import GateResult, Outcome, Release, release_path, to_yaml

MODEL = "phishing_detector"
SERVICE = f"model-{MODEL}"
TOKEN = "test-token-of-sixteen-or-more"
STEP = 5.0


@dataclass
class Story:
    """Times are seconds before now; the onset lies 60 s back unless a test moves it."""

    now: datetime
    logs: Path
    answers: dict[str, list[tuple[dict[str, str], list[tuple[float, float]]]]]
    onset_ago: float = 60.0
    starts_ago: float = 40.0

    def at(self, seconds_ago: float) -> float:
        return self.now.timestamp() - seconds_ago

    def step(
        self, part: str, before: float, after: float, since: float = 400.0, until: float = 0.0, **labels: str
    ) -> None:
        """A series whose level changes at the onset."""
        onset = self.at(self.onset_ago)
        count = int((since - until) / STEP)
        times = [self.at(since - STEP * index) for index in range(count)]
        samples = [(at, after if at >= onset else before) for at in times]
        self.answers.setdefault(part, []).append((labels, samples))

    def served(self, version: str, since: float = 400.0, until: float = 0.0) -> None:
        labels = {"version": version, "bento_digest": "b" * 64, "source_commit": "c" * 40}
        self.step("homeostat_model_info", 1, 1, since, until, **labels)

    def slow_in_predict(self) -> None:
        """The demo's break: the served version was quick, then predict stalls at steady traffic."""
        self.step("quantile(0.95, sum by (le, version)", 0.02, 0.95, version="3")
        self.step("sum by (le, phase)", 0.01, 0.9, phase="predict")
        self.step("sum by (le, phase)", 0.002, 0.002, phase="decode")
        self.step("sum by (le, phase)", 0.001, 0.001, phase="encode")
        self.step("sum(rate(homeostat_inference_requests_total", 5, 5)
        self.step("min(up", 1, 1)
        self.served("3")

    def log(self, event: str, seconds_ago: float, level: str = "warning", **fields: Any) -> None:
        moment = datetime.fromtimestamp(self.at(seconds_ago), UTC).isoformat()
        self.log_text(json.dumps({"event": event, "level": level, "time": moment, **fields}))

    def log_text(self, line: str, service: str = SERVICE) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{service}.log").open("a") as stream:
            stream.write(line + "\n")

    def payload(self, alertname: str = "ModelInferenceLatencyHigh", **changes: Any) -> dict[str, Any]:
        return payload(self.now - timedelta(seconds=self.starts_ago), alertname, **changes)


def payload(
    starts_at: datetime,
    alertname: str = "ModelInferenceLatencyHigh",
    status: str = "firing",
    ends_at: datetime | None = None,
    fingerprint: str = "0f1e2d3c4b5a6978",
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A webhook body as Alertmanager sends it, with keys that triage does not know."""
    labels = {"alertname": alertname, "model": MODEL, "severity": "critical", "service": SERVICE}
    return {
        "receiver": "triage",
        "status": status,
        "version": "4",
        "groupKey": '{}:{alertname="' + alertname + '", model="phishing_detector"}',
        "truncatedAlerts": 0,
        "externalURL": "http://127.0.0.1:9093",
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": annotations
                or {"summary": "p95 is high", "runbook_url": "docs/runbooks/ModelInferenceLatencyHigh.md"},
                "startsAt": starts_at.isoformat(),
                "endsAt": (ends_at or datetime(1, 1, 1, tzinfo=UTC)).isoformat(),
                "generatorURL": "http://127.0.0.1:9090/graph",
                "fingerprint": fingerprint,
            }
        ],
    }


@dataclass
class Forge:
    """A bare repository with a clone to commit from."""

    bare: Path
    clone: Path

    @staticmethod
    def create(folder: Path) -> Forge:
        folder.mkdir(parents=True, exist_ok=True)
        bare, clone = folder / "homeostat.git", folder / "clone"
        _git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
        _git(folder, "clone", "--quiet", str(bare), str(clone))
        _git(clone, "checkout", "--quiet", "-b", "main")
        return Forge(bare, clone)

    def commit_source(self, content: str) -> str:
        file = self.clone / "model-source" / MODEL / "train.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return self._commit("Change the training", datetime.now(UTC) - timedelta(hours=2))

    def hand_off(self, version: int, source_commit: str, at: datetime) -> str:
        gate = GateResult(name="roc_auc", outcome=Outcome.PASSED, value=0.97, bound=0.9, sentence="Good.")
        release = Release(
            model=MODEL,
            version=version,
            model_sha256=f"{version}" * 64,
            bento_digest=f"{version}" * 64,
            run_id="d" * 32,
            data_sha256="e" * 64,
            inputs_digest="f" * 64,
            source_commit=source_commit,
            gates=(gate,),
        )
        path = release_path(self.clone, MODEL)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_yaml(release))
        return self._commit(f"Hand off {MODEL} version {version}\n\nRun-Id: {'d' * 32}", at)

    def _commit(self, message: str, at: datetime) -> str:
        _git(self.clone, "add", "--all")
        when = at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        _git(self.clone, "commit", "--quiet", "-m", message, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
        _git(self.clone, "push", "--quiet", "origin", "main")
        return _git(self.clone, "rev-parse", "HEAD").strip()


def _git(folder: Path, *arguments: str, **environment: str) -> str:
    who = {
        "GIT_AUTHOR_NAME": "homeostat-bot",
        "GIT_AUTHOR_EMAIL": "bot",
        "GIT_COMMITTER_NAME": "homeostat-bot",
        "GIT_COMMITTER_EMAIL": "bot",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "HOME": str(folder),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, env={**who, **environment}, check=True, capture_output=True, text=True)
    return done.stdout
