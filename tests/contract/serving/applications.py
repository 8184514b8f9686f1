"""The same small model behind our hot path and behind kserve's own server."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp

from tests.contract.serving.reference.kserve_server import reference
from tests.unit.serving.small_app import MANIFEST, VERSION, Logistic, hot_path


@dataclass(frozen=True, slots=True)
class Both:
    """The application that is tested, and the reference."""

    ours: ASGIApp
    kserves: ASGIApp


def both() -> Both:
    """Ours and kserve's."""
    engine = Logistic()
    return Both(hot_path(engine), reference(MANIFEST, str(VERSION), engine))
