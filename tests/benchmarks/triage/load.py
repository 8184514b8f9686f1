"""Calls at a fixed pace over kept connections, whatever the server does: an open loop hides no waiting.

It speaks HTTP by hand, since a client library would take more of the shared cores than the server.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.triage.server import TOKEN

_CONNECTIONS = 64
#: the server closes a connection that rests for longer
_IDLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Call:
    """One body and the alerts in it."""

    body: bytes
    fingerprints: tuple[str, ...]


@dataclass
class Answers:
    """What became of the calls."""

    #: in seconds, from sending to the whole answer
    seconds: list[float] = field(default_factory=list[float])
    #: in seconds, from when the call was due
    due_seconds: list[float] = field(default_factory=list[float])
    #: fingerprints of the alerts whose call was answered 2xx
    accepted: list[str] = field(default_factory=list[str])
    refused: dict[str, int] = field(default_factory=dict[str, int])
    lasted_seconds: float = 0.0


def call(index: int, alerts: int = 1, mark: str = "b") -> Call:
    """Distinct alerts of a group of their own, as Alertmanager sends them."""
    fingerprints = tuple(f"{mark}{index:08x}{number:06x}" for number in range(alerts))
    labels = {
        "alertname": f"Service{index % 7}Slow",
        "severity": ("critical", "warning", "warning", "info")[index % 4],
        "service": f"service-{index}",
        "namespace": "shop",
    }
    start = datetime.now(UTC).isoformat()
    content: dict[str, Any] = {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{labels["alertname"]}", service="{mark}-{index}"}}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "triage",
        "alerts": [
            {
                "status": "firing",
                "labels": {**labels, "pod": f"pod-{fingerprint}"},
                "annotations": {
                    "summary": f"service-{index} answers slowly: 0.93 s at the 95th percentile",
                    "description": "For five minutes the answers have taken longer than they may.",
                    "runbook_url": "docs/runbooks/TargetDown.md",
                },
                "startsAt": start,
                "endsAt": "0001-01-01T00:00:00Z",
                "fingerprint": fingerprint,
            }
            for fingerprint in fingerprints
        ],
    }
    return Call(json.dumps(content).encode(), fingerprints)


def post_all(port: int, calls: Sequence[Call], seconds: float) -> Answers:
    """Post ``calls``, evenly over ``seconds``."""
    return asyncio.run(_post_all(port, calls, seconds))


async def _post_all(port: int, calls: Sequence[Call], seconds: float) -> Answers:
    answers = Answers()
    began = time.monotonic() + 0.2
    due: asyncio.Queue[tuple[float, Call]] = asyncio.Queue()
    posters = [asyncio.create_task(_poster(port, due, answers)) for _ in range(min(_CONNECTIONS, len(calls)))]
    for index, one in enumerate(calls):
        at = began + seconds * index / len(calls)
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        due.put_nowait((at, one))
    await due.join()
    for poster in posters:
        poster.cancel()
    answers.lasted_seconds = time.monotonic() - began
    return answers


async def _poster(port: int, due: asyncio.Queue[tuple[float, Call]], answers: Answers) -> None:
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    used = 0.0
    while True:
        at, one = await due.get()
        try:
            if connection is None or time.monotonic() - used > _IDLE_SECONDS:
                connection = await asyncio.open_connection("127.0.0.1", port)
            sent = time.monotonic()
            status = await asyncio.wait_for(_post(*connection, one.body), 60)
            answered = used = time.monotonic()
            answers.seconds.append(answered - sent)
            answers.due_seconds.append(answered - at)
            if status.startswith("2"):
                answers.accepted.extend(one.fingerprints)
            else:
                answers.refused[status] = answers.refused.get(status, 0) + 1
        except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError) as error:
            connection = None
            name = type(error).__name__
            answers.refused[name] = answers.refused.get(name, 0) + 1
        finally:
            with suppress(ValueError):
                due.task_done()


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> str:
    head = (
        "POST /webhooks/alertmanager HTTP/1.1\r\nHost: triage\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(
        int(line.split(":")[1]) for line in answer.split("\r\n") if line.lower().startswith("content-length")
    )
    await reader.readexactly(length)
    return answer.split(" ", 2)[1]
