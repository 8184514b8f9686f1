"""Kill -9 at a random moment under load: each 2xx must be in the store, and a restart goes on with it."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

from tests.benchmarks.triage.intake import missing
from tests.benchmarks.triage.load import call, post_all
from tests.benchmarks.triage.outcome import Outcome
from tests.benchmarks.triage.server import NO_SERIES, Server, standing_in

_TIMES = 5
_SECONDS = 9.0
_CALLS = 1_500


def crash(folder: Path) -> list[Outcome]:
    """Five kills, each in the middle of calls at the pace of ten thousand a minute."""
    accepted: list[str] = []
    moments: list[str] = []
    with standing_in(NO_SERIES) as prometheus:
        server = Server(folder, prometheus.url)
        for number in range(_TIMES):
            server.start()
            moment = random.uniform(1.0, _SECONDS - 1.0)
            killer = threading.Timer(moment, server.kill)
            killer.start()
            calls = [call(index, mark=f"{number:x}") for index in range(_CALLS)]
            accepted += post_all(server.port, calls, _SECONDS).accepted
            killer.join()
            moments.append(f"{moment:.2f} s")
        lost = missing(server.database, accepted)
        server.start()
        reported = _works_on(server)
        server.kill()
    return [
        Outcome(
            f"killed {_TIMES} times (after {', '.join(moments)}): of the alerts answered 2xx, missing",
            f"{lost} of {len(accepted)}",
            "0",
            lost == 0 and bool(accepted),
        ),
        Outcome("after the last restart", "works off its queue" if reported else "is stuck", "", reported),
    ]


def _works_on(server: Server) -> bool:
    before = server.health()["done"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        jobs = server.health()
        if jobs["done"] > before or not jobs["queued"]:
            return True
        time.sleep(0.2)
    return False
