"""Long-running programs, as the rooms declare them and as a provider starts them.

A room says *what* runs (:class:`Service`) under the entry point ``homeostat.services``; a provider decides
*where* (:class:`Site`): which port, which folder, which program. So no room knows a provider and no provider
knows a room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, cast

#: the file descriptor of the bound listening socket, for services that inherit theirs
LISTEN_FD_VARIABLE = "HOMEOSTAT_LISTEN_FD"


class Site(Protocol):
    """The place where services run, as a service may see it."""

    @property
    def root(self) -> Path:
        """The repository whose code runs."""
        ...

    @property
    def state(self) -> Path:
        """The folder for everything that is made here."""
        ...

    @property
    def manifests(self) -> Path:
        """A folder with the deployed revision's ``manifests/``: what should be served."""
        ...

    @property
    def alert_time_divisor(self) -> float:
        """By how much the durations of alert rules are divided (1 unless a demo is in a hurry)."""
        ...

    def directory(self, service: str) -> Path:
        """The service's own folder, created when missing."""
        ...

    def port(self, service: str) -> int:
        """The loopback port that the service listens on here."""
        ...

    def url(self, service: str) -> str:
        """``http://127.0.0.1:<port>`` of the service."""
        ...

    def program(self, name: str) -> Path:
        """The executable of a third-party program such as ``prometheus``.

        Raises:
            MachineError: when it can be neither found nor obtained.
        """
        ...

    def secret(self, name: str) -> str:
        """A random token, made once per site and readable by its owner alone."""
        ...

    @property
    def scrape_targets(self) -> Path:
        """The folder where the provider keeps Prometheus ``file_sd`` files, one per service with metrics."""
        ...

    @property
    def logs(self) -> Path:
        """The folder with one ``<service>.log`` per service."""
        ...


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a service at a site."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Service:
    """One long-running program."""

    name: str
    #: makes the service's configuration at a site and says how to start it; run again before every start
    launch: Callable[[Site], Launch]
    #: the port that is taken when it is free; None for a program that does not listen
    default_port: int | None = None
    #: a GET here answers 200 once the service can do its work
    health_path: str = "/"
    #: services that must be healthy first
    needs: tuple[str, ...] = ()
    #: the platform is not up without it; what is not essential (a model) may fail while the rest runs on
    essential: bool = True
    #: another revision of a running service replaces it: the new one must be ready before the old one stops
    revision: str = ""
    #: the provider binds the socket, passes it as LISTEN_FD_VARIABLE and awaits ``READY=1`` on NOTIFY_SOCKET
    #: (sd_notify(3)), so that a rollout loses no request
    inherits_socket: bool = False
    #: where Prometheus scrapes, if anywhere
    metrics_path: str | None = None
    #: labels that Prometheus puts on every sample of this service
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


def declared_services(site: Site) -> Mapping[str, Service]:
    """Every service that any room wants to run at ``site``, by name."""
    services: dict[str, Service] = {}
    for point in entry_points(group="homeostat.services"):
        declare = cast("Callable[[Site], Iterable[Service]]", point.load())
        services |= {service.name: service for service in declare(site)}
    return services
