"""Lines as K3s' own log has them."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import NoReturn


class FatalError(Exception):
    """K3s logs the message and exits with 1; systemd starts it again."""


def say(line: str) -> None:
    """What a command is asked to print."""
    sys.stdout.write(f"{line}\n")


def info(message: str) -> None:
    """Something happened."""
    _write("info", message)


def warning(message: str) -> None:
    """Something is not as it should be, and K3s goes on."""
    _write("warning", message)


def error(message: str) -> None:
    """Something failed, and K3s tries it again."""
    _write("error", message)


def fatal(message: str) -> NoReturn:
    """The end."""
    _write("fatal", message)
    raise SystemExit(1)


def _write(level: str, message: str) -> None:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = f'time="{now}" level={level} msg={json.dumps(message, ensure_ascii=False)}\n'
    sys.stderr.write(line)
    sys.stderr.flush()
