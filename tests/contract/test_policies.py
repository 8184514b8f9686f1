"""Every overlay passes every rule of ``policies/``, and every rule can fail."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from homeostat.yaml_text import read_yaml
from tests.contract.judging import POLICIES, Finding, conftest, shown, verdict, verify
from tests.contract.overlays import ENVIRONMENTS, Overlay, every_overlay

pytestmark = pytest.mark.go

RULES = tuple(
    sorted(path.stem for path in (POLICIES / "rules").glob("*.rego") if not path.stem.endswith("_test"))
)


@pytest.mark.parametrize("overlay", every_overlay(), ids=str)
def test_the_overlay_passes(overlay: Overlay) -> None:
    assert shown(found for found in verdict(overlay.environment) if found.source == str(overlay)) == ""


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_exception_is_argued_and_needed(environment: str) -> None:
    assert shown(found for found in verdict(environment) if found.rule == "exceptions") == ""


def test_every_finding_belongs_to_an_overlay_or_to_the_exceptions() -> None:
    known = {str(overlay) for overlay in every_overlay()} | {"policies/exceptions.yaml"}
    assert {found.source for environment in ENVIRONMENTS for found in verdict(environment)} <= known


def test_every_exception_names_a_rule() -> None:
    content = read_yaml(POLICIES / "exceptions.yaml")
    assert isinstance(content, dict)
    assert {exception["rule"] for exception in content["exceptions"]} <= set(RULES)


def test_the_tests_in_rego_pass() -> None:
    ran = verify(POLICIES)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_allows_and_denies_something(rule: str) -> None:
    tests = (POLICIES / "rules" / f"{rule}_test.rego").read_text(encoding="utf-8")
    assert re.search(r"^test_allows_\w+ if", tests, re.MULTILINE), f"{rule}_test.rego allows nothing"
    assert re.search(r"^test_denies_\w+ if", tests, re.MULTILINE), f"{rule}_test.rego denies nothing"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_denies_nothing_would_be_noticed(rule: str, tmp_path: Path) -> None:
    assert failures_with(
        rule, 'violations := {found | some found in object.get(input, "nothing", [])}', tmp_path
    )


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_denies_everything_would_be_noticed(rule: str, tmp_path: Path) -> None:
    spoilt = 'violations := {{"source": "", "object": "", "field": "", "msg": ""}}'
    assert failures_with(rule, spoilt, tmp_path)


def failures_with(rule: str, spoilt: str, folder: Path) -> int:
    """How many of the rule's own tests fail when its verdict is replaced."""
    shutil.copytree(POLICIES / "lib", folder / "lib")
    text = (POLICIES / "rules" / f"{rule}.rego").read_text(encoding="utf-8")
    spoilt_text = text.replace("violations contains ", "honest_violations contains ")
    (folder / f"{rule}.rego").write_text(f"{spoilt_text}\n{spoilt}\n", encoding="utf-8")
    shutil.copy(POLICIES / "rules" / f"{rule}_test.rego", folder)
    ran = verify(folder)
    assert ran.stdout.lstrip().startswith("["), ran.stderr
    return sum(len(result.get("failures") or []) for result in json.loads(ran.stdout))


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_says_why_it_exists(rule: str) -> None:
    first, *_ = (POLICIES / "rules" / f"{rule}.rego").read_text(encoding="utf-8").split("\npackage ")
    assert len(first) > 80, f"{rule}.rego should start with the reason for the rule"
    assert all(line.startswith("# ") for line in first.strip().splitlines())


def test_a_finding_is_one_sentence_that_names_object_and_field() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "mlops"},
        "spec": {"hostPID": True, "containers": [{"name": "c", "image": "redis"}]},
    }
    judged = {"environment": "local", "documents": [{"source": "here", "object": pod}]}
    findings = [found for found in conftest(judged, "homeostat", POLICIES) if found.source == "here"]
    assert {"host_access", "image_versions", "resources", "probes"} <= {found.rule for found in findings}
    assert all(is_a_sentence(found) for found in findings), shown(findings)


def is_a_sentence(found: Finding) -> bool:
    return found.message.startswith(f"{found.object}: ") and found.message.endswith(".")
