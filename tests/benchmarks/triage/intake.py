"""Ten thousand distinct alerts in a minute: how long a call takes, what memory it costs, what is stored.

A language model is configured, so that the calls that it gets can be counted: a storm must not become a bill.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.triage.load import Answers, call, post_all
from tests.benchmarks.triage.outcome import Outcome, milliseconds, percentile
from tests.benchmarks.triage.server import NO_SERIES, Server, standing_in

ALERTS = 10_000
SECONDS = 60.0
MOST_P99_SECONDS = 0.1
MOST_BYTES = 300 << 20
MOST_MODEL_CALLS = 20
#: what a provider says whose answer is of no use
_NOTHING = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "stand-in",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "{}"}}],
    "usage": {"prompt_tokens": 1_000, "completion_tokens": 10, "total_tokens": 1_010},
}


def minute(folder: Path) -> list[Outcome]:
    """Single calls, each a group of its own."""
    with standing_in(NO_SERIES) as prometheus, standing_in(_NOTHING) as provider:
        model = {
            "TRIAGE_LLM_BASE_URL": f"{provider.url}/v1",
            "TRIAGE_LLM_MODEL": "stand-in",
            "TRIAGE_LLM_API_KEY": "none",
            "TRIAGE_LLM_HOUR_CALLS": str(MOST_MODEL_CALLS),
        }
        server = Server(folder, prometheus.url, model)
        server.start()
        answers = post_all(server.port, [call(index) for index in range(ALERTS)], SECONDS)
        peak = server.peak_bytes()
        jobs = server.health()
        server.kill()
    return [
        *_of("10,000 calls of one alert in a minute", answers, server.database),
        Outcome(
            "memory at its peak (VmHWM), with a model's SDK loaded",
            f"{peak / 2**20:.0f} MiB",
            f"< {MOST_BYTES >> 20} MB",
            peak < MOST_BYTES,
        ),
        Outcome(
            "calls of the language model meanwhile",
            f"{provider.calls}",
            f"at most {MOST_MODEL_CALLS}, the hour's budget",
            provider.calls <= MOST_MODEL_CALLS,
        ),
        Outcome("jobs after that minute", ", ".join(f"{count} {state}" for state, count in jobs.items())),
    ]


def batches(folder: Path) -> list[Outcome]:
    """Calls of a hundred alerts each, which is what our Alertmanager sends at most."""
    with standing_in(NO_SERIES) as prometheus:
        server = Server(folder, prometheus.url)
        server.start()
        answers = post_all(server.port, [call(index, 100) for index in range(ALERTS // 100)], SECONDS)
        server.kill()
    return _of("100 calls of a hundred alerts in a minute", answers, server.database)


def missing(database: Path, fingerprints: Iterable[str]) -> int:
    """How many of these alerts the database does not hold."""
    connection = sqlite3.connect(database)
    stored = {row[0] for row in connection.execute("SELECT fingerprint FROM alerts")}
    connection.close()
    return len(set(fingerprints) - stored)


def _of(what: str, answers: Answers, database: Path) -> list[Outcome]:
    lost = missing(database, answers.accepted)
    p99 = percentile(answers.seconds, 0.99)
    refused = f", refused: {answers.refused}" if answers.refused else ""
    return [
        Outcome(
            what,
            f"{milliseconds(answers.seconds)} in {answers.lasted_seconds:.0f} s{refused}",
            "p99 < 100 ms",
            p99 < MOST_P99_SECONDS,
        ),
        Outcome("the same, from when it was due", milliseconds(answers.due_seconds)),
        Outcome(
            "of the alerts answered 2xx, missing in the store after kill -9",
            f"{lost} of {len(answers.accepted)}",
            "0",
            lost == 0 and bool(answers.accepted),
        ),
    ]
