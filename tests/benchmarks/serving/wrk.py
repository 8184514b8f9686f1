"""wrk: the second opinion on whether the first load tool is what was measured; closed loop only."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.serving.environments import NotToBeHad
from tests.benchmarks.serving.load import Load, Seen
from tests.benchmarks.serving.wires import Message

MARGIN_SECONDS = 60.0
#: written by the script below: requests, microseconds, p50, p99, answers that are no 2xx or 3xx, other errors
_RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)
_DONE = """
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.status, e.connect + e.read + e.write + e.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Wrk:
    """The program, held on the client's core by the command ``pin``."""

    program: Path
    pin: Sequence[str]
    version: str
    name: str = "wrk"

    @classmethod
    def find(cls, pin: Sequence[str]) -> Wrk:
        """wrk on PATH.

        Raises:
            NotToBeHad: when there is none.
        """
        program = shutil.which("wrk")
        if program is None:
            raise NotToBeHad("wrk is not on PATH (Debian: apt-get install wrk)")
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        return cls(Path(program), pin, (said.split() or ["", "unknown"])[1])

    def drive(self, load: Load, workplace: Path) -> Seen:
        """Run it once; its latencies are from sending, not from when a request was due."""
        if load.rate is not None:
            raise ValueError("wrk knows no rate")
        script = workplace / "wrk.lua"
        script.write_text(_script(load.message), encoding="ascii")
        command = [*self.pin, str(self.program), "-t", "1", "-c", str(load.connections), "--latency"]
        command += ["-d", f"{max(1, round(load.seconds))}s", "-s", str(script), load.url + load.message.path]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=load.seconds + MARGIN_SECONDS, check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return read_result(done.stdout, used)


def read_result(text: str, client_cpu_seconds: float) -> Seen:
    """The line that our script writes.

    Raises:
        NotToBeHad: when there is none.
    """
    found = _RESULT.search(text)
    if found is None:
        raise NotToBeHad(f"wrk said {text.strip()[-300:]!r}")
    requests, microseconds, p50, p99, status, other = (int(group) for group in found.groups())
    seconds = microseconds / 1e6
    errors = {name: count for name, count in (("no 2xx", status), ("connection", other)) if count}
    return Seen(
        requests - status,
        (requests - status) / seconds,
        p50 / 1e6,
        p99 / 1e6,
        errors,
        client_cpu_seconds / seconds,
    )


def _script(message: Message) -> str:
    """The request, its body as escaped bytes so that a binary one passes too."""
    body = "".join(f"\\{byte:03d}" for byte in message.body)
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in message.headers.items())
    return f'wrk.method = "POST"\nwrk.body = "{body}"\n{headers}\n{_DONE}'
