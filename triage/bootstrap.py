"""The one place where triage's parts are put together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from triage.analysts.analyst import Analyst
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.clock import Clock, utc_now
from triage.collectors import collectors
from triage.diagnosis import Diagnosis
from triage.evidence.gather import Gatherer
from triage.metrics import TriageMetrics
from triage.queue.jobs import JobQueue, QueuePolicy
from triage.queue.worker import Worker
from triage.report.publisher import Publisher
from triage.settings import GEMINI_KEY_VARIABLE, Settings, provider_key, read_token
from triage.store.database import open_database
from triage.store.heartbeats import Heartbeats
from triage.store.incidents import IncidentStore
from triage.store.intake import Intake
from triage.vigil import Vigil


@dataclass(frozen=True, slots=True)
class Triage:
    """The parts that the web application and the worker share."""

    engine: Engine
    token: str
    most_body_bytes: int
    intake: Intake
    store: IncidentStore
    heartbeats: Heartbeats
    queue: JobQueue
    worker: Worker
    vigil: Vigil
    metrics: TriageMetrics
    clock: Clock
    #: what has to be closed in the end
    opened: ExitStack

    def close(self) -> None:
        """Let go of connections; the parts can't be used any more."""
        self.opened.close()


def build(settings: Settings, clock: Clock = utc_now) -> Triage:
    """Open the database and wire everything to it.

    Raises:
        ConfigError: when there is no usable token.
        MachineError: when the database can't be opened.
    """
    token = read_token(settings.token_file)
    engine = open_database(settings.database_url)
    opened = ExitStack()
    opened.callback(engine.dispose)
    store = IncidentStore(engine)
    metrics = TriageMetrics()
    diagnosis = Diagnosis(
        store,
        Gatherer(collectors(settings, clock, opened), clock),
        analysts(settings),
        Publisher(store, settings.reports),
        metrics,
        clock,
        settings.models_namespace if settings.kubernetes_url else None,
    )
    policy = QueuePolicy(timedelta(seconds=settings.lease_seconds), settings.job_attempts)
    # one process owns a SQLite file, so the name says that a former holder of it is dead
    queue = JobQueue(engine, clock, policy, worker="triage")
    worker = Worker(queue, diagnosis.bring_up_to_date)
    intake = Intake(engine, clock, timedelta(seconds=settings.quiet_seconds))
    heartbeats = Heartbeats(engine, clock)
    patience = timedelta(seconds=settings.heartbeat_patience_seconds)
    return Triage(
        engine=engine,
        token=token,
        most_body_bytes=settings.most_body_bytes,
        intake=intake,
        store=store,
        heartbeats=heartbeats,
        queue=queue,
        worker=worker,
        vigil=Vigil(heartbeats, intake, store, clock, patience, worker.wake),
        metrics=metrics,
        clock=clock,
        opened=opened,
    )


def analysts(settings: Settings) -> Sequence[Analyst]:
    """The deterministic analyst, and after it a language model where one is configured."""
    always = DeterministicAnalyst()
    if settings.llm_base_url is None and not provider_key(settings, GEMINI_KEY_VARIABLE):
        return (always,)
    # the providers' SDKs take seconds and a hundred megabytes, which most sites never need
    from triage.second_reader import second_reader  # noqa: PLC0415

    return (always, second_reader(settings))
