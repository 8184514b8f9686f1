"""What Prometheus's and Alertmanager's own checkers say about our files."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alerting.errors import RulesRejected
from homeostat.errors import MachineError

RULE_TESTS = Path("alerting/tests")
_LIMIT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Checkers:
    """The programs that check; ``promtool`` from Prometheus, ``amtool`` from Alertmanager."""

    promtool: Path
    amtool: Path

    def check_prometheus(self, config: Path) -> str:
        """Check ``prometheus.yml`` and the rules that it names.

        Raises:
            RulesRejected: with what promtool found.
        """
        return _run([self.promtool, "check", "config", config])

    def check_alertmanager(self, config: Path) -> str:
        """Check ``alertmanager.yml``.

        Raises:
            RulesRejected: with what amtool found.
        """
        return _run([self.amtool, "check-config", config])

    def run_rule_tests(self, tests: Sequence[Path]) -> str:
        """Run promtool's unit tests.

        Raises:
            RulesRejected: with the alerts that were expected and those that came.
        """
        return _run([self.promtool, "test", "rules", *tests])


def rule_tests(root: Path) -> Sequence[Path]:
    """The promtool tests of the repository at ``root``, two an alert."""
    return sorted((root / RULE_TESTS).glob("*_test.yaml"))


def _run(command: Sequence[str | Path]) -> str:
    try:
        ran = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_LIMIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise MachineError(f"{command[0]} took longer than {_LIMIT_SECONDS} s.") from None
    if ran.returncode != 0:
        said = f"{ran.stdout}\n{ran.stderr}".strip()
        raise RulesRejected(f"{Path(command[0]).name} rejects {command[-1]}:\n{said}")
    return ran.stdout
