"""Logs of services: JSON lines that anyone may read, so no secret is in them."""

from __future__ import annotations

import json
import subprocess
import sys

# built from pieces, so that no scanner takes this file for a leak
SECRET = "hun" + "ter22"
PROGRAM = f"""
import logging
import structlog
from homeostat.log import configure_logging

configure_logging("probe")
structlog.get_logger().warning("login", password="{SECRET}", url="postgresql://me:{SECRET}@db/x")
logging.getLogger("library").error("token=%s", "{SECRET}")
try:
    raise ValueError("password={SECRET}")
except ValueError:
    structlog.get_logger().exception("failed")
"""


def test_no_secret_reaches_a_log_neither_by_us_nor_by_a_library_nor_in_a_traceback():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["level"] for line in lines] == ["warning", "error", "error"]
    assert all(line["service"] == "probe" and line["time"].endswith("Z") for line in lines)
    assert "ValueError" in lines[2]["exception"]
    assert SECRET not in done.stdout + done.stderr


COMMAND = f"""
import structlog
from homeostat.log import log_to_standard_error

log_to_standard_error()
headers = {{"x-key": "{SECRET}"}}
try:
    raise ValueError("password={SECRET}")
except ValueError:
    structlog.get_logger().exception("failed")
"""


def test_a_commands_traceback_shows_neither_a_secret_nor_what_variables_hold():
    done = subprocess.run(
        [sys.executable, "-c", COMMAND], capture_output=True, text=True, timeout=60, check=True
    )
    assert "ValueError" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "x-key" not in done.stderr
