"""From the webhook to the finished deterministic report, for alerts about a service with 5 MB of logs."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.triage.load import Call, call, post_all
from tests.benchmarks.triage.outcome import Outcome, milliseconds, percentile
from tests.benchmarks.triage.server import NO_SERIES, Server, standing_in

_ALERTS = 40
_LOG_BYTES = 5 << 20
_MOST_P95_SECONDS = 2.0
_SERVICE = "model-phishing_detector"


def large_logs(folder: Path) -> list[Outcome]:
    """Forty incidents, one after the other: each reads the whole log anew."""
    seconds: list[float] = []
    with standing_in(NO_SERIES) as prometheus:
        server = Server(folder, prometheus.url, {"TRIAGE_STORM_GROUPS_PER_MINUTE": "1000"})
        write_log(folder / "logs" / f"{_SERVICE}.log")
        server.start()
        for index in range(_ALERTS):
            began = time.monotonic()
            post_all(server.port, [about_the_service(index)], 0.01)
            _await_reports(server.database, index + 1)
            seconds.append(time.monotonic() - began)
        server.kill()
    size = (folder / "logs" / f"{_SERVICE}.log").stat().st_size
    p95 = percentile(seconds, 0.95)
    return [
        Outcome(
            f"webhook to finished report, {size / 2**20:.1f} MiB of logs, {_ALERTS} alerts",
            f"{milliseconds(seconds)} (each with 0.2 s of the client's own)",
            "p95 < 2 s",
            p95 < _MOST_P95_SECONDS,
        )
    ]


def about_the_service(index: int) -> Call:
    """An alert about the model whose log it is."""
    one = call(index, mark="c")
    content = json.loads(one.body)
    content["alerts"][0]["labels"] |= {
        "alertname": "ModelErrorRateHigh",
        "model": "phishing_detector",
        "service": _SERVICE,
    }
    return Call(json.dumps(content).encode(), one.fingerprints)


def write_log(path: Path) -> None:
    """Half an hour of requests, with an error now and then."""
    now = datetime.now(UTC)
    with path.open("w", encoding="utf-8") as stream:
        number = 0
        while stream.tell() < _LOG_BYTES:
            number += 1
            moment = now - timedelta(seconds=max(0.0, 1_700 - number * 0.07))
            fields = {
                "time": moment.isoformat(),
                "model": "phishing_detector",
                "version": "3",
                "request": number,
            }
            if number % 50 == 0:
                told = {
                    "event": "request_failed",
                    "level": "error",
                    "status": 500,
                    "error": "KeyError: 'url'",
                }
            else:
                told = {"event": "request_served", "level": "info", "status": 200, "duration_seconds": 0.012}
            stream.write(json.dumps({**told, **fields}) + "\n")


def _await_reports(database: Path, count: int) -> None:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    deadline = time.monotonic() + 120
    while connection.execute("SELECT count(*) FROM reports").fetchone()[0] < count:
        if time.monotonic() > deadline:
            raise TimeoutError("no report within two minutes")
        time.sleep(0.01)
    connection.close()
