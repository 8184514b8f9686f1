"""cron's schedules become systemd's, or are refused in a sentence."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from infra.playbooks.calendar import on_calendar

EXAMPLES = {
    "0 */6 * * *": "*-*-* 00,06,12,18:00:00 UTC",
    "@daily": "*-*-* 00:00:00 UTC",
    "*/20 * * * *": "*-*-* *:00,20,40:00 UTC",
    "15 3 1,15 * *": "*-*-01,15 03:15:00 UTC",
    "0 4 * * 7": "Sun *-*-* 04:00:00 UTC",
    "0 4 * 1-3 *": "*-01,02,03-* 04:00:00 UTC",
    "5/25 4 * * *": "*-*-* 04:05,30,55:00 UTC",
}


@pytest.mark.parametrize("cron", EXAMPLES)
def test_a_schedule_of_cron_is_one_of_systemd(cron):
    assert on_calendar(cron) == EXAMPLES[cron]


@pytest.mark.parametrize(
    ("cron", "reason"),
    [
        ("0 6 * *", "five fields are wanted"),
        ("60 6 * * *", "the minute is '60', not 0 to 59"),
        ("0 6 0 * *", "the day is '0', not 1 to 31"),
        ("0 x * * *", "the hour is 'x'"),
        ("0 6-4 * * *", "the hour is '6-4'"),
        ("0 6 1 * 1", "choose one of them"),
    ],
)
def test_what_is_no_schedule_is_refused_with_the_reason(cron, reason):
    with pytest.raises(ValueError, match=reason):
        on_calendar(cron)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("cron", EXAMPLES)
def test_systemd_understands_it(cron):
    subprocess.run(["systemd-analyze", "calendar", on_calendar(cron)], check=True, capture_output=True)
