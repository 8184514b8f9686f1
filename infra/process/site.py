"""The place where services run on this machine, as :class:`homeostat.service.Site` promises it to them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from homeostat.config import parse
from homeostat.settings import Settings, load_settings
from infra.process.state import secret_files
from infra.process.state.port_claims import PortClaims
from infra.process.state.ports import LOOPBACK, PortBook
from infra.programs.obtain import Programs, standard_programs
from infra.programs.program import Say

DIVISOR_VARIABLE = "HOMEOSTAT_ALERT_TIME_DIVISOR"


def _say_nothing(what: str) -> None:
    del what


@dataclass(frozen=True, slots=True)
class ProcessSite:
    """A state folder on this machine with loopback ports."""

    root: Path
    state: Path
    alert_time_divisor: float
    ports: PortBook
    programs: Programs
    say: Say = _say_nothing
    #: the manifests of a revision that is being taken up; else those that are deployed
    taken_up: Path | None = None

    @property
    def manifests(self) -> Path:
        """The deployed revision's ``manifests/``; not there while nothing is deployed.

        The link is followed, so that what a service remembers of its release stays what it was declared with
        when the next revision is deployed: an old process that goes on must be able to start again.
        """
        return self.taken_up or self.manifests_link.resolve()

    @property
    def manifests_link(self) -> Path:
        """The link to the deployed revision's ``manifests/``."""
        return self.state / "manifests"

    @property
    def scrape_targets(self) -> Path:
        """The folder of Prometheus's ``file_sd`` files."""
        return self.state / "targets"

    @property
    def logs(self) -> Path:
        """The folder of the services' logs."""
        return self.state / "logs"

    @property
    def forge(self) -> Path:
        """The bare repository whose branch ``main`` is what is deployed."""
        return self.state / "forge" / "homeostat.git"

    def directory(self, service: str) -> Path:
        """The service's own folder, created when missing."""
        folder = self.state / "services" / service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def port(self, service: str) -> int:
        """The loopback port that the service listens on here.

        Raises:
            UnknownServiceError: when no room declares such a service with a port.
        """
        return self.ports.port(service)

    def url(self, service: str) -> str:
        """``http://127.0.0.1:<port>`` of the service."""
        return f"http://{LOOPBACK}:{self.port(service)}"

    def program(self, name: str) -> Path:
        """The executable of a third-party program.

        Raises:
            MachineError: when it can be neither found nor obtained.
        """
        return self.programs.get(name, self.say).path

    def secret(self, name: str) -> str:
        """A random token, made once and readable by its owner alone."""
        return secret_files.secret(self.state / "secrets", name)

    def saying(self, say: Say) -> ProcessSite:
        """The same site, telling ``say`` what it does while somebody waits for it."""
        return replace(self, say=say)

    def taking_up(self, manifests: Path | None) -> ProcessSite:
        """The same site as it will be once ``manifests`` are deployed."""
        return replace(self, taken_up=manifests)


def open_site(root: Path, state: Path) -> ProcessSite:
    """The site of the clone at ``root`` with everything that it makes in ``state``.

    Raises:
        ConfigError: when ``homeostat.yaml`` or the environment's divisor of alert times is wrong.
    """
    settings = load_settings(root)
    return ProcessSite(
        root=root,
        state=state,
        alert_time_divisor=_divisor(settings),
        ports=PortBook(state / "ports.json", settings.ports, PortClaims().claim),
        programs=standard_programs(root, state / "programs"),
    )


def _divisor(settings: Settings) -> float:
    given = os.environ.get(DIVISOR_VARIABLE)
    if not given:
        return settings.alert_time_divisor
    return parse({"alert_time_divisor": given}, Settings, DIVISOR_VARIABLE).alert_time_divisor
