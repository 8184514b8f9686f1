"""A client that behaves, in a process of its own, while others don't: is it answered all the time?"""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event

#: an answer that takes longer is a failure
PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.01


@dataclass
class Served:
    """What it got."""

    answered: int = 0
    slowest_seconds: float = 0.0
    failures: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Question:
    """The one request that it repeats, each time on a connection of its own, and what must come back."""

    port: int
    path: str
    headers: Mapping[str, str]
    body: bytes
    #: an exact part of every right answer
    answer: bytes


@contextmanager
def asking(question: Question) -> Generator[Served]:
    """Ask until the block is left; what it got is there afterwards."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    enough = context.Event()
    process = context.Process(target=_ask_on, args=(question, enough, theirs), daemon=True)
    process.start()
    served = Served()
    try:
        # the first answer: from here on somebody is being served
        ours.recv()
        yield served
    finally:
        enough.set()
        if ours.poll(PATIENCE_SECONDS * 4):
            got: Served = ours.recv()
            served.__dict__.update(got.__dict__)
        else:
            served.failures.append("the good client itself did not end")
        process.join(PATIENCE_SECONDS)
        process.kill()


def _ask_on(question: Question, enough: Event, pipe: multiprocessing.connection.Connection) -> None:
    served = Served()
    first = True
    while not enough.is_set():
        began = time.monotonic()
        if failure := _ask(question):
            served.failures.append(failure)
        else:
            served.answered += 1
        served.slowest_seconds = max(served.slowest_seconds, time.monotonic() - began)
        if first:
            pipe.send("began")
            first = False
        time.sleep(PAUSE_SECONDS)
    pipe.send(served)


def _ask(question: Question) -> str:
    """What went wrong; empty when nothing did."""
    connection = http.client.HTTPConnection("127.0.0.1", question.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST", question.path, question.body, dict(question.headers))
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    if answer.status != 200:
        return f"{answer.status} {content[:200]!r}"
    return "" if question.answer in content else f"a wrong answer: {content[:200]!r}"
