"""pip-audit: whether a locked package has a known vulnerability.

pip-audit exits with 0 when it could not ask its database about a package, unless it is strict; strict, it
stops at the first such package. Either way nothing was found because nothing was asked, so that is
*skipped*. Only a complete report counts. A complete clean report is remembered for some hours, since the
database is asked once a package.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.checks.audit_ignores import read_ignores, today
from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.program import Ended, run_apart
from homeostat import atomic, digest
from homeostat.errors import ConfigError

_LOCK = "requirements/dev.txt"


@dataclass(frozen=True, slots=True)
class Audit:
    """pip-audit on the lock itself: nothing is installed or resolved for it."""

    name: str = "pip-audit"
    timeout_seconds: float = 120.0
    #: how long a clean report is good for
    fresh_seconds: float = 6 * 3600.0
    #: for tests: a proxy, for one
    environment: tuple[tuple[str, str], ...] = ()

    def run(self, subject: Subject) -> CheckResult:
        """Ask about every package in the lock."""
        lock = subject.root / _LOCK
        if not lock.exists():
            return CheckResult(self.name, CheckOutcome.SKIPPED, f"there is no {_LOCK}.")
        try:
            ignored = read_ignores(subject.root).hold(today())
        except ConfigError as error:
            return CheckResult(self.name, CheckOutcome.FAILED, str(error))
        key = digest.of_parts([("lock", digest.of_file(lock)), ("ignored", ",".join(sorted(ignored)))])
        remembered = subject.cache / "pip-audit" / f"{key}.json"
        if (age := _age_seconds(remembered)) is not None and 0 <= age < self.fresh_seconds:
            sentence = json.loads(remembered.read_text(encoding="utf-8"))["sentence"]
            return CheckResult(self.name, CheckOutcome.PASSED, f"{sentence} (asked {age / 60:.0f} min ago)")
        result = self._judge(self._ask(subject, lock), ignored)
        if result.outcome is CheckOutcome.PASSED:
            atomic.write_text(remembered, json.dumps({"sentence": result.sentence}))
        return result

    def _ask(self, subject: Subject, lock: Path) -> Ended:
        cache = subject.cache / "pip-audit" / "http"
        cache.mkdir(parents=True, exist_ok=True)
        argv = [
            str(subject.programs / "pip-audit"),
            "--strict",
            "--requirement",
            str(lock),
            "--require-hashes",
        ]
        argv += ["--disable-pip", "--progress-spinner", "off", "--timeout", "10", "--format", "json"]
        argv += ["--cache-dir", str(cache)]
        return run_apart(argv, subject.root, self.timeout_seconds, dict(self.environment))

    def _judge(self, ended: Ended, ignored: frozenset[str]) -> CheckResult:
        try:
            packages: Any = json.loads(ended.output)["dependencies"]
        except (ValueError, KeyError, TypeError):
            return CheckResult(self.name, CheckOutcome.SKIPPED, f"nothing was asked: {_why(ended)}")
        unasked = [package["name"] for package in packages if "vulns" not in package]
        if unasked or not packages:
            return CheckResult(
                self.name, CheckOutcome.SKIPPED, f"not asked about {', '.join(unasked) or 'any'}."
            )
        found = [line for package in packages for line in _vulnerabilities(package, ignored)]
        if found:
            sentence = f"{len(found)} known vulnerabilities: {found[0]}{' ...' if found[1:] else ''}"
            return CheckResult(self.name, CheckOutcome.FAILED, sentence, "\n".join(found))
        if ended.code not in (0, 1):  # 1 stands for the vulnerabilities, all of which are accepted here
            return CheckResult(self.name, CheckOutcome.SKIPPED, f"the report is incomplete: {_why(ended)}")
        accepted = f", {len(ignored)} accepted" if ignored else ""
        sentence = f"no known vulnerability in {len(packages)} packages{accepted}."
        return CheckResult(self.name, CheckOutcome.PASSED, sentence)


def _vulnerabilities(package: dict[str, Any], ignored: frozenset[str]) -> Sequence[str]:
    return [
        f"{package['name']} {package['version']} has {found['id']}, fixed in {_fixed(found)}"
        for found in package["vulns"]
        if not ignored & {found["id"], *found.get("aliases", ())}
    ]


def _fixed(found: dict[str, Any]) -> str:
    return ", ".join(found.get("fix_versions") or ["no version yet"])


def _why(ended: Ended) -> str:
    if ended.code is None:
        return "the vulnerability database took too long to answer."
    lines = [line for line in ended.errors.strip().splitlines() if not line.startswith(("WARNING", " "))]
    last = lines[-1].removeprefix("ERROR:pip_audit._cli:") if lines else "pip-audit said nothing"
    if "ConnectionError" in last or "ProxyError" in last or "Max retries" in last or "Timeout" in last:
        return "the vulnerability database could not be reached."
    return f"{last[:200].rstrip('.')}."


def _age_seconds(path: Path) -> float | None:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return None
