"""``homeostat.yaml``: what the owner of this clone may choose; every key has a default that works."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from homeostat.config import ConfigFile, Document, load

FILE_NAME = "homeostat.yaml"

Port = Annotated[int, Field(ge=1024, le=65535)]


class Settings(Document):
    """The owner's choices for the platform as processes on one machine."""

    ports: Mapping[str, Port] = Field(
        default_factory=dict[str, int], description="service name -> wished port"
    )
    alert_time_divisor: float = Field(default=1.0, ge=1.0, le=600.0)

    @field_validator("ports")
    @classmethod
    def _no_port_twice(cls, ports: Mapping[str, int]) -> Mapping[str, int]:
        by_port: dict[int, str] = {}
        for service, port in ports.items():
            if other := by_port.get(port):
                raise ValueError(f"port {port} is given to both {other} and {service}; each needs its own")
            by_port[port] = service
        return ports


def load_settings(root: Path) -> Settings:
    """Read ``homeostat.yaml`` in ``root``, or the defaults when there is none.

    Raises:
        ConfigError: with one sentence for every mistake in the file.
    """
    path = root / FILE_NAME
    return load(path, Settings) if path.exists() else Settings()


def config_files(root: Path) -> Iterable[ConfigFile]:
    """The settings file, when the owner wrote one."""
    if (root / FILE_NAME).exists():
        yield ConfigFile(root / FILE_NAME, lambda path: load(path, Settings))
