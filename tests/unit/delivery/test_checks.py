"""Checks with the real programs behind them: what did not run is never called passed."""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from delivery.checks.audit import Audit
from delivery.checks.bandit import Bandit
from delivery.checks.board import everything_required, run_checks, verdict_of
from delivery.checks.check import CheckOutcome, CheckResult, Subject
from delivery.checks.scanners import Gitleaks, ImageScan, Snyk
from delivery.checks.types import Types
from delivery.checks.unit_tests import UnitTests
from delivery.stages import StageOutcome

LOCK = "idna==3.10 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    root = tmp_path / "checkout"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements" / "dev.txt").write_text(LOCK)
    return Subject(root, (), None, Path(sys.executable).parent, tmp_path / "cache")


def changed(subject: Subject, *paths: str) -> Subject:
    return Subject(subject.root, paths, None, subject.programs, subject.cache)


def write(subject: Subject, path: str, text: str) -> Subject:
    file = subject.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return changed(subject, path)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_an_audit_that_reaches_no_database_is_skipped_not_passed(subject: Subject, closed_port: int) -> None:
    proxy = (
        ("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}"),
        ("https_proxy", f"http://127.0.0.1:{closed_port}"),
    )

    result = Audit(environment=proxy).run(subject)

    assert result.outcome is CheckOutcome.SKIPPED
    assert result.sentence == "nothing was asked: the vulnerability database could not be reached."


def test_an_audit_that_takes_too_long_is_skipped(subject: Subject) -> None:
    result = Audit(timeout_seconds=0.01).run(subject)

    assert result.outcome is CheckOutcome.SKIPPED
    assert "too long" in result.sentence


def report(*vulnerabilities: dict[str, object], code: int) -> str:
    """A program that answers as pip-audit does."""
    packages = {
        "dependencies": [{"name": "idna", "version": "3.10", "vulns": list(vulnerabilities)}],
        "fixes": [],
    }
    return f"#!/bin/sh\ncat <<'EOT'\n{json.dumps(packages)}\nEOT\nexit {code}\n"


def with_audit(subject: Subject, script: str) -> Subject:
    """The same subject with another pip-audit: the database's answers can't be had offline."""
    programs = subject.root.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "pip-audit").write_text(script)
    (programs / "pip-audit").chmod(0o755)
    return Subject(subject.root, (), None, programs, subject.cache)


FOUND = {"id": "PYSEC-2030-1", "aliases": ["CVE-2030-1"], "fix_versions": ["3.11"], "description": ""}


def test_a_known_vulnerability_fails_and_names_the_fix(subject: Subject) -> None:
    result = Audit().run(with_audit(subject, report(FOUND, code=1)))

    assert result.outcome is CheckOutcome.FAILED
    assert "idna 3.10 has PYSEC-2030-1, fixed in 3.11" in result.sentence


@pytest.mark.parametrize(("expires", "outcome"), [("2999-01-01", "passed"), ("2001-01-01", "failed")])
def test_an_accepted_vulnerability_passes_until_the_acceptance_expires(
    subject: Subject, expires: str, outcome: str
) -> None:
    accepted = f"""ignored:
  - id: CVE-2030-1
    package: idna
    reason: only reachable through a function that is not called here
    reviewed: 2000-01-01
    expires: {expires}
"""
    (subject.root / "requirements" / "audit-ignore.yaml").write_text(accepted)

    assert Audit().run(with_audit(subject, report(FOUND, code=1))).outcome == outcome


def test_a_clean_audit_is_remembered_and_says_so(subject: Subject) -> None:
    first = Audit().run(with_audit(subject, report(code=0)))
    second = Audit().run(with_audit(subject, "#!/bin/sh\nexit 9\n"))

    assert first.outcome is second.outcome is CheckOutcome.PASSED
    assert "asked 0 min ago" in second.sentence


def test_an_audit_that_left_packages_out_is_skipped(subject: Subject) -> None:
    left_out = '{"dependencies": [{"name": "idna", "skip_reason": "not found"}]}'

    result = Audit().run(with_audit(subject, f"#!/bin/sh\necho '{left_out}'\n"))

    assert result.outcome is CheckOutcome.SKIPPED
    assert "idna" in result.sentence


def test_unit_tests_of_what_changed_are_counted(subject: Subject) -> None:
    write(subject, "tests/unit/room/test_it.py", "def test_one(): pass\ndef test_two(): pass\n")

    result = UnitTests().run(changed(subject, "room/it.py"))

    assert result.outcome is CheckOutcome.PASSED
    assert result.sentence == "2 tests passed in tests/unit/room."


def test_a_failing_unit_test_fails_with_its_output(subject: Subject) -> None:
    write(subject, "tests/unit/room/test_it.py", "def test_one(): assert 1 == 2\n")

    result = UnitTests().run(changed(subject, "room/it.py"))

    assert result.outcome is CheckOutcome.FAILED
    assert "assert 1 == 2" in result.output


@pytest.mark.parametrize("text", ["", "import pytest\n\n@pytest.mark.skip\ndef test_one(): pass\n"])
def test_no_test_that_ran_is_skipped_not_passed(subject: Subject, text: str) -> None:
    write(subject, "tests/unit/room/test_it.py", text)

    result = UnitTests().run(changed(subject, "room/it.py"))

    assert result.outcome is CheckOutcome.SKIPPED


def test_what_no_test_belongs_to_is_said(subject: Subject) -> None:
    result = UnitTests().run(changed(subject, "README.md"))

    assert (result.outcome, result.sentence) == (
        CheckOutcome.SKIPPED,
        "no unit tests belong to what changed.",
    )


def test_the_tests_of_a_push_do_not_act_on_the_platform_that_checks_it(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEOSTAT_STATE", "/the/platforms/state")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    platforms = "{'HOMEOSTAT_STATE', 'MLFLOW_TRACKING_URI'}"
    text = f"import os\n\ndef test_it():\n    assert not {platforms} & set(os.environ)\n"
    write(subject, "tests/unit/room/test_it.py", text)

    assert UnitTests().run(changed(subject, "room/it.py")).outcome is CheckOutcome.PASSED


def test_a_type_fault_in_what_changed_fails(subject: Subject) -> None:
    result = Types().run(write(subject, "model-source/toy/train.py", "x: int = 'one'\n"))

    assert result.outcome is CheckOutcome.FAILED
    assert "model-source/toy" in result.sentence


def test_types_are_skipped_when_no_python_changed(subject: Subject) -> None:
    assert Types().run(changed(subject, "README.md")).outcome is CheckOutcome.SKIPPED


def test_bandit_finds_a_shell_that_runs_what_it_is_given(subject: Subject) -> None:
    bad = "import subprocess\n\n\ndef run(text):\n    subprocess.run(text, shell=True)\n"

    result = Bandit().run(write(subject, "room/it.py", bad))

    assert result.outcome is CheckOutcome.FAILED
    assert "room/it.py:5" in result.output


def test_bandit_that_read_nothing_is_skipped(subject: Subject) -> None:
    assert Bandit().run(subject).outcome is CheckOutcome.SKIPPED


@pytest.mark.parametrize("check", [Gitleaks(), ImageScan(), Snyk()], ids=lambda check: check.name)
def test_a_scanner_that_is_not_installed_is_named_as_skipped(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, check: Gitleaks | ImageScan | Snyk
) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("SNYK_TOKEN", "set")
    with_image = Subject(subject.root, (), None, subject.programs, subject.cache, image="an/image")

    result = check.run(with_image)

    assert result.outcome is CheckOutcome.SKIPPED
    assert "not installed" in result.sentence
    assert everything_required([result])[0].outcome is CheckOutcome.FAILED


def test_snyk_without_a_token_is_not_required(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNYK_TOKEN", raising=False)

    assert everything_required([Snyk().run(subject)])[0].outcome is CheckOutcome.SKIPPED


@dataclass(frozen=True)
class Says:
    """A check with a known answer."""

    name: str
    outcome: CheckOutcome

    def run(self, subject: Subject) -> CheckResult:
        return CheckResult(self.name, self.outcome, f"{self.name} says so.")


def test_one_failed_check_refuses_the_push(subject: Subject) -> None:
    checks = [Says("a", CheckOutcome.PASSED), Says("b", CheckOutcome.FAILED), Says("c", CheckOutcome.SKIPPED)]
    told: list[str] = []

    results = run_checks(checks, subject, lambda result: told.append(result.name))

    assert [result.name for result in results] == ["a", "b", "c"]
    assert sorted(told) == ["a", "b", "c"]
    assert verdict_of(results).outcome is StageOutcome.REFUSED
    assert verdict_of(results).sentence == "b: b says so."


def test_checks_that_were_all_skipped_do_not_pass(subject: Subject) -> None:
    results = [Says("a", CheckOutcome.SKIPPED).run(subject)]

    assert verdict_of(results).outcome is StageOutcome.REFUSED


def test_a_skipped_check_is_named_in_the_verdict(subject: Subject) -> None:
    results = [Says("a", CheckOutcome.PASSED).run(subject), Says("b", CheckOutcome.SKIPPED).run(subject)]

    assert verdict_of(results).sentence == "a passed; b skipped."
