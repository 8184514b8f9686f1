"""Lines of logs in the forms that programs write; what is kept of many of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.triage.files.conftest import NOW
from triage.evidence.budgeting import tokens_of, within_budget
from triage.evidence.folding import Entry, folded
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.log_record import understand
from triage.evidence.tail import numbered

TIMED = "2026-01-02T03:04:05"


@pytest.mark.parametrize(
    ("line", "level", "says"),
    [
        ("2026/01/02 03:04:05 [error] 7#7: *1 connect() failed", "error", "7#7: *1 connect() failed"),
        ("2026-01-02 03:04:05.678 UTC [1] FATAL:  no such role", "fatal", "no such role"),
        ("2026-01-02 03:04:05,678 - app.worker - WARNING - slow", "warning", "slow"),
        ("[2026-01-02 03:04:05 +0000] [7] [ERROR] worker failed", "error", "worker failed"),
        ("2026-01-02T03:04:05Z\tERROR\tcontroller\tno", "error", "controller\tno"),
        ("2026-01-02T03:04:05.123456789Z stderr F panic: nil map", "error", "panic: nil map"),
        ('time=2026-01-02T03:04:05Z level=error msg="no route" peer=b', "error", "no route"),
        ('{"time":"2026-01-02T03:04:05Z","level":50,"msg":"failed","err":"EOF"}', "error", "failed: EOF"),
        ("1:M 02 Jan 2026 03:04:05.678 # Out of memory", "error", "# Out of memory"),
        ("2026-01-02T03:04:05.1Z ##[error]exit code 2", "error", "exit code 2"),
        ("[pod/web-0/web] 2026-01-02T03:04:05Z INFO ready, 0 ERROR", "info", "ready, 0 ERROR"),
    ],
)
def test_a_line_in_anybodys_form_has_its_time_level_and_words(line, level, says):
    record = understand(line)
    assert record.at is not None
    assert record.at.isoformat().startswith(TIMED)
    assert (record.level, record.words) == (level, says)


@pytest.mark.parametrize(
    ("line", "is_severe"),
    [
        ("E0102 03:04:05.678901       1 main.go:12] can't bind", True),
        ("Caused by: java.net.ConnectException: refused", True),
        ("sqlalchemy.exc.OperationalError: no", True),
        ("ERROR:root:boom", True),
        ("dial tcp 10.0.0.1:5432: connect: connection refused", True),
        ("make: *** [Makefile:3: test] Error 1", True),
        ('10.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 5', False),
        ("loaded 5 shards, no errors", False),
    ],
)
def test_a_line_without_a_time_is_severe_by_its_words(line, is_severe):
    assert understand(line).is_severe is is_severe


@given(st.text(max_size=200))
def test_no_line_is_too_odd_to_be_read(line):
    assert understand(line).template


def entries_of(lines):
    return [Entry(line, understand(line.raw), None) for line in numbered(lines)]


def test_what_surrounds_an_error_and_both_ends_are_kept():
    lines = [f"INFO step {at} of this kind" for at in range(200)]
    lines[100:103] = ["opening the door", "ERROR no key", "closing the door"]
    kept = folded(entries_of(lines), 20)
    assert {1, 101, 102, 103, 200} <= {line.number for line in kept}
    assert sum(line.similar for line in kept) == 193
    assert len(kept) <= 20


def item_of(name, lines, observed=()):
    return EvidenceItem(
        id=name,
        source=name,
        kind=EvidenceKind.RUNTIME,
        collected_at=NOW,
        status=EvidenceStatus.OK,
        lines=tuple(Line(number=at, text=text) for at, text in enumerate(lines, start=1)),
        observations=tuple(Observation(name="x", line=line) for line in observed),
    )


def test_the_budget_keeps_what_something_rests_on_and_errors_before_the_rest():
    chatter = [f"all is well in part {at}" for at in range(400)]
    chatter[200] = "ERROR it broke"
    noisy, small = within_budget([item_of("noisy", chatter, [300]), item_of("small", ["one line"])], 300)
    assert {201, 300} <= {line.number for line in noisy.lines}
    assert "left out" in noisy.note
    assert [line.text for line in small.lines] == ["one line"]
    assert [one.line for one in noisy.observations] == [300]


@given(st.lists(st.lists(st.text(max_size=80), max_size=30), max_size=5), st.integers(0, 400))
def test_the_budget_is_never_exceeded(texts, most):
    items = [item_of(str(at), lines, range(1, len(lines), 7)) for at, lines in enumerate(texts)]
    kept = within_budget(items, most)
    assert sum(tokens_of(line) for item in kept for line in item.lines) <= most
