"""Where the story plays: the repository, a state of its own, and what the platform's status says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import HomeostatError
from infra.process import control
from infra.process.status import PlatformStatus

MODEL = "phishing_detector"
#: the alert that the story waits for, as alerting/rules ships it
LATENCY_ALERT = "ModelInferenceLatencyHigh"


class Missing(HomeostatError):  # noqa: N818 - it tells what happened, as the story does
    """Something that should run does not."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The demo's own place on this machine; the user's platform under ``.homeostat/`` stays untouched."""

    root: Path
    state: Path
    alert_time_divisor: float

    @property
    def forge(self) -> Path:
        """The bare repository to push to."""
        return self.state / "forge" / "homeostat.git"

    @property
    def scratch(self) -> Path:
        """Where the scratch clone lies."""
        return self.state / "scratch"

    def report(self, incident: str) -> Path:
        """Where triage writes the report of ``incident``."""
        return self.state / "reports" / f"{incident}.md"

    def status(self) -> PlatformStatus:
        """What runs now.

        Raises:
            Missing: when the platform is not running.
        """
        status = control.status(self.state)
        if status is None:
            raise Missing(f"the platform stopped; {self.state / 'logs'} says why.")
        return status

    def url(self, service: str) -> str:
        """Where ``service`` answers.

        Raises:
            Missing: when there is no such service.
        """
        found = self.status().service(service)
        if found is None or found.url is None:
            raise Missing(f"the service '{service}' is not there; 'homeostat process status' shows what is.")
        return found.url

    @property
    def model_url(self) -> str:
        """Where the demo's model answers."""
        return self.url(f"model-{MODEL}")
