"""Up: the platform starts as processes on loopback, bound to the life of the demo."""

from __future__ import annotations

import os
import shutil

from demo.scene import Scene
from homeostat.errors import MachineError
from homeostat.progress import Step
from infra.process import control
from infra.process.ownership import claim
from infra.process.status import PlatformStatus

#: what a former run downloaded and this one may use again
_KEPT = "programs"


def prepare(scene: Scene) -> None:
    """Leave nothing of a former story but what was downloaded.

    Raises:
        MachineError: when the demo already runs here.
    """
    if control.status(scene.state) is not None:
        raise MachineError(
            f"a platform already runs in {scene.state}; stop it with 'make down STATE={scene.state}'."
        )
    control.down(scene.state)
    claim(scene.state)
    for entry in scene.state.iterdir():
        if entry.is_dir() and entry.name != _KEPT:
            shutil.rmtree(entry)


def bring_up(step: Step, scene: Scene) -> PlatformStatus:
    """Start everything and tell where it answers, and which busy ports were replaced."""

    def show(status: PlatformStatus) -> None:
        waiting = [f"{service.name} {service.phase}" for service in status.services if not service.healthy]
        step.doing(", ".join(waiting))

    platform = control.Platform(scene.root, scene.state)
    status = control.up(platform, show, os.getpid(), scene.alert_time_divisor)
    for service in status.services:
        if service.url:
            step.note(f"{service.name:<13} {service.url}{_replaced(service.port, service.wished_port)}")
    for program in status.programs:
        step.note(f"{program.name} {program.version} ({program.source})")
    return status


def _replaced(port: int | None, wished: int | None) -> str:
    return f"  (port {wished} was busy)" if wished is not None and wished != port else ""
