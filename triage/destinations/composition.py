"""Composition of destinations, desk and dispatcher, by the settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from triage.breaker import Breaker, BreakerPolicy
from triage.clock import Clock
from triage.destinations.courier import Courier
from triage.destinations.delivery import DeliveryPolicy
from triage.destinations.desk import Desk, Surroundings
from triage.destinations.destination import Destination, Outcome
from triage.destinations.dispatcher import Dispatcher
from triage.destinations.files import FileDestination
from triage.destinations.github import GitHubComments, GitHubIssues, GitHubPlace
from triage.destinations.outbox import Outbox
from triage.destinations.routing import load_routing
from triage.destinations.token import TokenFile
from triage.queue.backoff import Backoff
from triage.settings import Settings
from triage.store.incidents import IncidentStore

#: calls of one delivery, at the most: who we are, the pages of a search, the post, its closing
_MOST_CALLS = 40


@dataclass(frozen=True, slots=True)
class Posting:
    """What publishes and what delivers."""

    desk: Desk
    dispatcher: Dispatcher


def posting(
    settings: Settings,
    engine: Engine,
    store: IncidentStore,
    clock: Clock,
    count: Callable[[str, Outcome], None],
    worker: str,
) -> Posting:
    """Everything between a finished report and the places where it is shown.

    Raises:
        ConfigError: when a token can't be read, or the routing file is wrong.
    """
    found = destinations(settings)
    surroundings = Surroundings(
        load_routing(settings.routing_file),
        settings.public_url,
        settings.github_repository,
        settings.github_default_branch,
    )
    policy = DeliveryPolicy(
        timedelta(seconds=settings.delivery_timeout_seconds * _MOST_CALLS),
        settings.delivery_attempts,
        Backoff(base_seconds=2.0, most_seconds=900.0),
    )
    outbox = Outbox(engine, clock, policy, worker)
    desk = Desk(store, found, surroundings, clock, count)
    couriers = [Courier(one, outbox, desk.message, Breaker(BreakerPolicy()), count) for one in found]
    dispatcher = Dispatcher(outbox, couriers, clock)
    desk.wake = dispatcher.wake
    return Posting(desk, dispatcher)


def destinations(settings: Settings) -> Sequence[Destination]:
    """Files, and what else is configured.

    Raises:
        ConfigError: when a token can't be read.
    """
    found: list[Destination] = [FileDestination(settings.reports)]
    if settings.slack_channel and settings.slack_token_file:
        found.append(_slack(settings, settings.slack_channel, settings.slack_token_file))
    if settings.github_repository and settings.github_token_file:
        found += _github(settings, settings.github_repository, settings.github_token_file)
    return found


def _slack(settings: Settings, channel: str, token_file: Path) -> Destination:
    # only who sends to Slack pays for its library
    from triage.destinations.slack import SlackDestination  # noqa: PLC0415

    token = TokenFile(token_file, "TRIAGE_SLACK_TOKEN_FILE")
    token.check()
    return SlackDestination(token, channel, settings.slack_url, settings.delivery_timeout_seconds)


def _github(settings: Settings, repository: str, token_file: Path) -> Sequence[Destination]:
    token = TokenFile(token_file, "TRIAGE_GITHUB_TOKEN_FILE")
    token.check()
    assignees = tuple(name.strip() for name in settings.github_assignees.split(",") if name.strip())
    place = GitHubPlace(
        token,
        repository,
        settings.github_url,
        settings.delivery_timeout_seconds,
        settings.github_label,
        assignees,
    )
    return GitHubComments(place), GitHubIssues(place)
