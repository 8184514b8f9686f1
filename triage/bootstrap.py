"""The one place where triage's parts are put together."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from triage.analysts.analyst import Analyst
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.clock import Clock, utc_now
from triage.collectors import collectors
from triage.destinations.composition import posting
from triage.destinations.dispatcher import Dispatcher
from triage.diagnosis import Diagnosis
from triage.drift.composition import drift_response
from triage.evidence.gather import Gatherer
from triage.metrics import TriageMetrics
from triage.provider_choice import provider_of
from triage.queue.jobs import JobQueue, QueuePolicy
from triage.queue.worker import Worker
from triage.report.publisher import Publisher
from triage.rounds import Round, Rounds
from triage.sender_secrets import sender_secret
from triage.settings import Settings
from triage.store.database import checkpoint, is_sqlite, open_database
from triage.store.feedback import FeedbackStore
from triage.store.heartbeats import Heartbeats
from triage.store.incidents import IncidentStore
from triage.store.intake import Intake
from triage.store.retention import Retention
from triage.store.writer import Writer
from triage.storms.dispatch import Dispatch
from triage.storms.policy import StormPolicy
from triage.storms.storms import Storms
from triage.vigil import Vigil


@dataclass(frozen=True, slots=True)
class Triage:
    """The parts that the web application and the worker share."""

    engine: Engine
    token: str
    most_body_bytes: int
    intake: Intake
    store: IncidentStore
    feedback: FeedbackStore
    heartbeats: Heartbeats
    queue: JobQueue
    worker: Worker
    vigil: Vigil
    rounds: Rounds
    retraining: Rounds
    storms: Storms
    dispatcher: Dispatcher
    metrics: TriageMetrics
    clock: Clock
    #: what has to be closed in the end
    opened: ExitStack
    #: by what GitHub signs its deliveries; empty where none is configured, and then none is taken
    github_secret: str = field(default="", repr=False)

    def close(self) -> None:
        """Let go of connections; the parts can't be used any more."""
        self.opened.close()


def build(settings: Settings, clock: Clock = utc_now) -> Triage:
    """Open the database and wire everything to it.

    Raises:
        ConfigError: when there is no usable token, or a destination is not described as it should be.
        MachineError: when the database can't be opened.
    """
    token = sender_secret(settings.token_file, "TRIAGE_TOKEN_FILE")
    github_secret = sender_secret(settings.github_secret_file, "TRIAGE_GITHUB_SECRET_FILE")
    engine = open_database(settings.database_url, settings.database_patience_seconds)
    opened = ExitStack()
    opened.callback(engine.dispose)
    writer = Writer(engine)
    opened.callback(writer.close)
    most = StormPolicy(settings.storm_groups_per_minute, settings.storm_full_reports)
    storms = Storms(engine, writer, clock, most)
    store = IncidentStore(engine)
    metrics = TriageMetrics()
    worker_id = worker_name(settings.database_url)
    post = posting(settings, engine, store, clock, metrics.delivered, worker_id)
    publisher = Publisher(store, post.desk)
    response = drift_response(settings, engine, clock, metrics.retrained)
    diagnosis = Diagnosis(
        store,
        Gatherer(collectors(settings, clock, opened), clock),
        analysts(settings, engine, clock),
        publisher,
        metrics,
        clock,
        settings.models_namespace if settings.kubernetes_url else None,
    )
    diagnosis.respond = response.told
    policy = QueuePolicy(timedelta(seconds=settings.lease_seconds), settings.job_attempts)
    queue = JobQueue(engine, clock, policy, worker_id)
    worker = Worker(queue, Dispatch(engine, store, publisher.publish, clock, diagnosis.bring_up_to_date))
    response.wake = worker.wake
    intake = Intake(writer, clock, timedelta(seconds=settings.quiet_seconds), storms)
    heartbeats = Heartbeats(engine, clock)
    patience = timedelta(seconds=settings.heartbeat_patience_seconds)
    return Triage(
        engine=engine,
        token=token,
        most_body_bytes=settings.most_body_bytes,
        intake=intake,
        store=store,
        feedback=FeedbackStore(engine, clock),
        heartbeats=heartbeats,
        queue=queue,
        worker=worker,
        vigil=Vigil(heartbeats, intake, store, clock, patience, worker.wake),
        rounds=rounds(settings, engine, writer, storms, clock),
        # apart, since who is asked may take long to answer
        retraining=Rounds([Round("retraining", 2.0, response.work)]),
        storms=storms,
        dispatcher=post.dispatcher,
        metrics=metrics,
        clock=clock,
        opened=opened,
        github_secret=github_secret,
    )


def rounds(settings: Settings, engine: Engine, writer: Writer, storms: Storms, clock: Clock) -> Rounds:
    """What is looked after beside the queue."""
    keep = timedelta(days=settings.retention_days)
    retention = Retention(engine, writer, clock, keep, settings.reports)
    return Rounds(
        [
            Round("checkpoint", 2.0, lambda: checkpoint(engine)),
            Round("storms", 1.0, storms.look),
            Round("retention", 3_600.0, retention.prune),
        ]
    )


def worker_name(database_url: str) -> str:
    """One process owns a SQLite file: who had its name before is dead. Others are told apart."""
    return "triage" if is_sqlite(database_url) else f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"


def analysts(settings: Settings, engine: Engine, clock: Clock) -> Sequence[Analyst]:
    """The deterministic analyst, and after it a language model where one is configured."""
    always = DeterministicAnalyst()
    provider = provider_of(settings)
    if provider is None:
        return (always,)
    # the providers' SDKs take seconds and a hundred megabytes, which most sites never need
    from triage.second_reader import second_reader  # noqa: PLC0415

    return (always, second_reader(settings, provider, engine, clock))
