"""A number beside the word error is not the absence of errors."""

from __future__ import annotations

import pytest

from tests.unit.triage.signatures.test_whose_words import told_by


@pytest.mark.parametrize(
    ("line", "complains"),
    [
        (
            'level=error msg="upstream timed out" upstream=http://geo:8600/ after_s=2.0 error=ReadTimeout',
            True,
        ),
        ("finished batch 7: 0 errors, connection timed out never", False),
    ],
)
def test_only_no_errors_are_harmless(tmp_path, line, complains):
    lines = "\n".join(f"2026-01-02T03:04:{second:02}Z {line}" for second in range(5, 10))
    assert bool(told_by(tmp_path, lines, app="geo-enrich").causes) == complains
