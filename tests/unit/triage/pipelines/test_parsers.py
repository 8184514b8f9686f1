"""What tools printed, and what is made of it; ``constructed-`` marks outputs that were written by hand.

Each text is read as it is, and again in the frame that GitHub gives to a log: times, groups, colours and the
columns that ``gh run view --log`` adds. The findings have to be the same, only the lines' numbers differ.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.evidence.item import Line, Observation
from triage.evidence.pipeline.observe import observe_pipeline

OUTPUTS = Path(__file__).parent / "outputs"
TIME = "2026-01-02T03:04:05.1234567Z "

#: file -> an observation's name, and texts and numbers that it has to have
EXPECTED: dict[str, tuple[str, dict[str, object]]] = {
    "actionlint": ("finding", {"tool": "actionlint", "file": ".github/workflows/w.yml", "line": 7}),
    "bandit": ("finding", {"tool": "bandit", "rule": "B301", "severity": "medium", "line": 9}),
    "bandit.json": ("finding", {"tool": "bandit", "rule": "B602", "severity": "high", "line": 13}),
    "conftest": ("manifest.error", {"tool": "conftest", "file": "deploy/d.yaml"}),
    "constructed-docker": ("build.failed", {"file": "Dockerfile", "line": 7, "exit_code": 1}),
    "constructed-flake8": ("finding", {"tool": "flake8", "rule": "E501", "line": 10}),
    "constructed-kubeconform": ("manifest.error", {"tool": "kubeconform", "resource": "Deployment web"}),
    "constructed-mypy": ("finding", {"tool": "mypy", "rule": "return-value", "line": 12}),
    "constructed-pip-audit": ("finding", {"package": "jinja2", "version": "2.4.1", "fixed": "2.10.1"}),
    "constructed-snyk": ("finding", {"package": "pyyaml", "severity": "critical", "fixed": "5.4"}),
    "constructed-train": ("crash", {"exception": "ValueError", "line": 30, "function": "main"}),
    "constructed-trivy": ("finding", {"rule": "CVE-2024-4741", "package": "libssl3", "severity": "high"}),
    "contract": ("data.contract", {"model": "phishing_detector", "column": "url_length"}),
    "git": ("trouble", {"what": "git-conflict"}),
    "git-conflict": ("trouble", {"what": "git-conflict", "error": "CONFLICT (content): Merge conflict in a"}),
    "gitleaks": ("leaks.summary", {"count": 2}),
    "gitleaks-v": ("finding", {"tool": "gitleaks", "rule": "github-pat", "file": "src/conf.py", "line": 2}),
    "gitleaks.json": ("finding", {"tool": "gitleaks", "rule": "aws-access-token", "line": 1}),
    "kustomize": ("manifest.error", {"tool": "kustomize", "file": "missing.yaml"}),
    "pip": ("dependency.error", {"what": "conflict", "package": "numpy==1.26.4 and numpy>=2"}),
    "pip2": ("dependency.error", {"what": "not-found", "package": "numpy==99.1"}),
    "pip-net": ("trouble", {"what": "network"}),
    "promtool": ("manifest.error", {"tool": "promtool", "file": "deploy/rules.yml", "line": 5}),
    "promtool-test": ("test.failed", {"tool": "promtool", "test": "Down"}),
    "pyright": ("finding", {"tool": "pyright", "rule": "reportReturnType", "line": 21}),
    "pytest": ("test.failed", {"test": "tests/test_bad_import.py"}),
    "pytest-q": ("test.failed", {"test": "tests/test_load.py::test_p[2]", "line": 21}),
    "pytest-xdist": ("test.summary", {"failed": 3, "errors": 1, "passed": 1}),
    "ruff-concise": ("finding", {"tool": "ruff", "rule": "F401", "file": "src/load.py", "line": 4}),
    "ruff-format": ("finding", {"tool": "ruff format", "file": "src/fmt.py"}),
    "ruff-full": ("finding", {"tool": "ruff", "rule": "E401", "line": 4}),
    "unittest": ("test.failed", {"tool": "unittest", "test": "tests.test_load.TestU.test_u", "line": 26}),
    "uv": ("dependency.error", {"what": "conflict", "package": "numpy==1.26.4, numpy>=2"}),
    "uv2": ("dependency.error", {"what": "not-found"}),
    "uv-net": ("trouble", {"what": "network", "host": "127.0.0.1"}),
    "yamllint": ("finding", {"tool": "yamllint", "rule": "colons", "file": "bad.yaml", "line": 1}),
    "yamllint-g": ("finding", {"tool": "yamllint", "rule": "key-duplicates", "file": "bad.yaml", "line": 2}),
    "zizmor": ("finding", {"tool": "zizmor", "rule": "template-injection", "line": 7}),
}  # fmt: skip


def read(text: str) -> list[Observation]:
    return list(
        observe_pipeline([Line(number=at, text=one) for at, one in enumerate(text.split("\n"), start=1)])
    )


def output(name: str) -> str:
    return (OUTPUTS / f"{name}.txt").read_text(encoding="utf-8")


def framed(text: str) -> str:
    lines = ["##[group]Run the tool", "\x1b[36;1mthe tool\x1b[0m", "##[endgroup]", *text.split("\n")]
    return "\n".join(TIME + line for line in [*lines, "##[error]Process completed with exit code 1."])


def by_gh(text: str) -> str:
    return "\n".join(f"check\tRun the tool\t{line}" for line in framed(text).split("\n"))


def has(one: Observation, expected: dict[str, object]) -> bool:
    told = {**one.texts, **{name: int(number) for name, number in one.numbers.items()}}
    return all(told.get(name) == value for name, value in expected.items())


@pytest.mark.parametrize("frame", [str, framed, by_gh])
@pytest.mark.parametrize("name", EXPECTED)
def test_what_a_tool_says_is_understood(name, frame):
    kind, expected = EXPECTED[name]
    found = [one for one in read(frame(output(name))) if one.name == kind]
    assert any(has(one, expected) for one in found), found


@pytest.mark.parametrize("name", EXPECTED)
def test_each_observation_names_a_line_of_the_text(name):
    text = output(name).split("\n")
    assert all(text[one.line - 1].strip() for one in read(output(name)))


def test_every_output_is_tested():
    assert {path.name.removesuffix(".txt") for path in OUTPUTS.iterdir()} == EXPECTED.keys()


def test_a_finding_in_a_step_that_passed_is_no_reason():
    passed = framed(output("bandit")).rpartition("\n")[0]
    failed = framed("FAILED tests/a.py::test_b - assert 1 == 2\n1 failed in 0.1s")
    names = {one.name for one in read(f"{passed}\n{failed}")}
    assert names == {"test.failed", "test.summary", "step.failed"}


def test_a_green_run_says_nothing():
    green = framed(output("bandit") + output("ruff-full")).rpartition("\n")[0]
    assert read(green) == []


def test_a_last_column_that_spans_no_rows_is_not_carried_over():
    (zlib,) = [one for one in read(output("constructed-trivy")) if one.texts.get("package") == "zlib1g"]
    assert "fixed" not in zlib.texts


@given(st.text(max_size=2_000))
def test_any_text_can_be_read(text):
    count = len(text.split("\n"))
    assert all(1 <= one.line <= count for one in read(text))


def test_a_long_log_is_read_in_seconds():
    long = "\n".join(
        f"{TIME}worker {at % 7}: epoch {at} loss 0.{at} in 1.2 s, see data/part-{at}.yaml: ok"
        for at in range(40_000)
    )
    began = time.process_time()
    read(long + "\n" + framed(output("pytest-q")))
    # a fraction of it in practice; the bound only tells quadratic from linear
    assert time.process_time() - began < 20
