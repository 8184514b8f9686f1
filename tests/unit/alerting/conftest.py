"""A site to render at, and the checkers at both ends of the supported versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from alerting.checking import Checkers
from infra.process.site import ProcessSite, open_site
from infra.process.state.ports import any_free_port
from infra.programs.obtain import Programs
from tests.programs import NEWEST, OLDEST, ROOT, find


@pytest.fixture(params=[OLDEST, NEWEST])
def source(request) -> str:
    return request.param


@pytest.fixture
def checkers(source) -> Checkers:
    return Checkers(find(source, "promtool"), find(source, "amtool"))


@pytest.fixture
def oldest_checkers() -> Checkers:
    return Checkers(find("deb", "promtool"), find("deb", "amtool"))


@pytest.fixture
def new_site(tmp_path) -> Callable[..., ProcessSite]:
    """Makes a real site whose ports are free, with the clone's own rules."""

    def make(divisor: float = 1.0, programs: Programs | None = None) -> ProcessSite:
        site = open_site(ROOT, tmp_path / "state")
        for service in ("prometheus", "alertmanager", "triage"):
            site.ports.declare(service, any_free_port())
        return replace(site, alert_time_divisor=divisor, programs=programs or site.programs)

    return make
