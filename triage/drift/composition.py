"""Composition of what is done about drift, by the settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine

from triage.clock import Clock
from triage.drift.forge_commit import ForgeCommit
from triage.drift.response import DriftResponse
from triage.drift.retraining import Retraining
from triage.settings import RetrainingWay, Settings
from triage.store.retrainings import Retrainings


def drift_response(
    settings: Settings, engine: Engine, clock: Clock, count: Callable[[str], None]
) -> DriftResponse:
    """What decides and asks.

    Raises:
        ConfigError: when GitHub's token can't be read.
    """
    cooldown = timedelta(seconds=settings.retraining_cooldown_seconds)
    return DriftResponse(Retrainings(engine, clock, cooldown), _retraining(settings), clock, count)


def _retraining(settings: Settings) -> Retraining | None:
    if settings.retraining is RetrainingWay.FORGE:
        return ForgeCommit(settings.forge)
    if (
        settings.retraining is RetrainingWay.GITHUB
        and settings.github_repository
        and settings.github_token_file
    ):
        # only who asks GitHub pays for its library
        from triage.destinations.token import TokenFile  # noqa: PLC0415
        from triage.drift.github_dispatch import GitHubDispatch  # noqa: PLC0415

        token = TokenFile(settings.github_token_file, "TRIAGE_GITHUB_TOKEN_FILE")
        token.check()
        timeout = settings.delivery_timeout_seconds
        return GitHubDispatch(token, settings.github_repository, settings.github_url, timeout)
    return None
