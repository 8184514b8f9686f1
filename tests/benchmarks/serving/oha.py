"""oha: closed loop, and open loop without coordinated omission (``--latency-correction``)."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.serving.environments import NotToBeHad, benchmarks_cache
from tests.benchmarks.serving.load import Load, Seen

VERSION = "1.16.0"
_INSTALL = ("install", "oha", "--locked", "--version", VERSION)
BUILD_SECONDS = 3_600
#: over the load's own seconds, for connecting and the report
MARGIN_SECONDS = 60.0
#: what it cuts off when the time is over, which is no error of the server
_CUT_OFF = "aborted due to deadline"


def find_oha() -> Path:
    """oha of the pinned version, from PATH, from the user's cache, or built by cargo (minutes, once).

    Raises:
        NotToBeHad: when it is nowhere and can't be built.
    """
    folder = benchmarks_cache() / f"oha-{VERSION}"
    built = folder / "bin" / "oha"
    for program in filter(None, (shutil.which("oha"), str(built))):
        if _version(program) == VERSION:
            return Path(program)
    cargo = shutil.which("cargo")
    if cargo is None:
        raise NotToBeHad(f"oha {VERSION} is neither on PATH nor built, and cargo is not here to build it")
    target = folder / "target"
    command = [cargo, *_INSTALL, "--quiet", "--root", str(folder), "--target-dir", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    shutil.rmtree(target, ignore_errors=True)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["nothing"]
        raise NotToBeHad(f"cargo could not build oha {VERSION}: it said {said[-1]!r}")
    return built


def _version(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return done.stdout.strip().rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Oha:
    """The program, held on the client's core by the command ``pin``."""

    program: Path
    pin: Sequence[str]
    name: str = "oha"
    version: str = VERSION

    def drive(self, load: Load, workplace: Path) -> Seen:
        """Run it once and read its report.

        Raises:
            NotToBeHad: when it fails, with what it said.
        """
        body = workplace / "body"
        body.write_bytes(load.message.body)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [*self.pin, *self._command(load, body)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=load.seconds + MARGIN_SECONDS, check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise NotToBeHad(f"oha failed: {done.stderr.strip()[-300:]}")
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return read_report(json.loads(done.stdout), used)

    def _command(self, load: Load, body: Path) -> Sequence[str]:
        command = [str(self.program), "--no-tui", "--output-format", "json", "-m", "POST"]
        # by itself it asks for packed answers, which some servers give and wrk never sees
        command += ["--disable-compression"]
        command += ["-z", f"{load.seconds * 1000:.0f}ms", "-c", str(load.connections), "-D", str(body)]
        if load.rate is not None:
            command += ["-q", f"{load.rate:.0f}", "--latency-correction"]
        for name, value in load.message.headers.items():
            command += ["-H", f"{name}: {value}"]
        return [*command, load.url + load.message.path]


def read_report(report: Mapping[str, Any], client_cpu_seconds: float) -> Seen:
    """oha's JSON: what was cut off at the end is left out, all that is not 200 is an error."""
    statuses: Mapping[str, int] = report["statusCodeDistribution"]
    failures: Mapping[str, int] = report["errorDistribution"]
    errors = {status: count for status, count in statuses.items() if status != "200"}
    errors |= {text: count for text, count in failures.items() if text != _CUT_OFF}
    total = float(report["summary"]["total"])
    answered = statuses.get("200", 0)
    percentiles = report["latencyPercentiles"]
    return Seen(
        requests=answered,
        requests_per_second=answered / total,
        p50_seconds=_seconds(percentiles["p50"]),
        p99_seconds=_seconds(percentiles["p99"]),
        errors=errors,
        client_cpu=client_cpu_seconds / total,
    )


def _seconds(value: float | None) -> float:
    """NaN where nothing was answered."""
    return float("nan") if value is None else float(value)
