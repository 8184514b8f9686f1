"""The last stage: wait until the endpoint serves what was handed off, or say why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from delivery.endpoint import Running, what_runs
from delivery.errors import StageFailed
from homeostat.release import Release


@dataclass(frozen=True, slots=True)
class ServiceView:
    """What the provider tells about one model's service."""

    url: str | None
    #: what became of the last change, or why it does not start; empty when there is nothing to tell
    told: str
    #: the provider gave this change up
    given_up: bool
    #: the version before may still answer at ``url``, beside the new one
    under_way: bool = False


class Provider(Protocol):
    """Where models are served: tells what became of one model's service."""

    def view(self, model: str) -> ServiceView | None:
        """The service of ``model``, or None while the provider does not know it."""
        ...


@dataclass(frozen=True, slots=True)
class Rollout:
    """Waits at one provider."""

    provider: Provider
    say: Callable[[str], None]
    timeout_seconds: float = 300.0
    pause_seconds: float = 0.5
    #: the provider may still show how the change before this one ended
    settle_seconds: float = 10.0

    def await_release(self, release: Release) -> str:
        """Wait until ``release`` answers; return where, in one sentence.

        Raises:
            StageFailed: when the provider gave it up or the time is over; what served before still serves.
        """
        began = time.monotonic()
        told = ""
        while True:
            view = self.provider.view(release.model)
            running = what_runs(view.url, release.model) if view and view.url else None
            if view and running and running.is_release(release) and not view.under_way:
                return f"{release.model} {release.version} serves at {view.url}."
            now_told = view.told if view else "its service is not known yet"
            if now_told != told:
                self.say(f"waiting for {release.model} {release.version}: {now_told or 'starting'}")
                told = now_told
            waited = time.monotonic() - began
            given_up = view and view.given_up and waited > self.settle_seconds
            if given_up or waited > self.timeout_seconds:
                reason = told or f"nothing changed for {self.timeout_seconds:.0f} s"
                raise StageFailed(
                    f"{release.model} {release.version} does not serve: {reason}; {_still(running)}"
                )
            time.sleep(self.pause_seconds)


def _still(running: Running | None) -> str:
    return f"version {running.version} still serves." if running else "nothing serves this model now."
