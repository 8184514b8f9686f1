"""What the environment may set of a model server: ``HOMEOSTAT_SERVING_`` and a field's name in capitals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from homeostat.config import Document, parse

PREFIX = "HOMEOSTAT_SERVING_"


class ServingSettings(Document):
    """One model server; every value has a default that suits a container of any size."""

    #: processes that answer; None for as many as the control group has CPUs
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    #: a request that is not answered by then gets 504; a client may ask for less
    deadline_seconds: Annotated[float, Field(gt=0, le=3600)] = 30.0
    #: share of successful requests that are logged; failed and slow ones always are
    access_log_fraction: Annotated[float, Field(ge=0, le=1)] = 0.01
    #: where sampled inputs and outputs are written; None for nowhere
    capture_directory: Path | None = None
    #: share of the answered requests that are captured
    capture_fraction: Annotated[float, Field(ge=0, le=1)] = 0.1
    #: of the captured files that are kept, the newest; older ones are removed
    capture_bytes: Annotated[int, Field(ge=1024 * 1024)] = 256 * 1024 * 1024


def read_settings(environment: Mapping[str, str]) -> ServingSettings:
    """The settings that ``environment`` holds; an empty variable counts as not set.

    Raises:
        ConfigError: with one sentence for every variable that says something that it may not.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and value
    }
    return parse(given, ServingSettings, f"the environment ({PREFIX}...)")
