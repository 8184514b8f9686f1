from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.durations import to_milliseconds, to_text


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("5m", 300_000), ("1h30m", 5_400_000), ("500ms", 500), ("1w", 604_800_000), ("1m1ms", 60_001), ("0", 0)],
)
def test_a_duration_is_read_in_its_units(text, milliseconds):
    assert to_milliseconds(text) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "5 m", "m", "1m1h", "-5m", "1.5h", "5M"])
def test_what_prometheus_would_not_read_is_refused_with_the_text(text):
    with pytest.raises(ValueError, match="is not a duration"):
        to_milliseconds(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_writing_a_duration_loses_nothing(milliseconds):
    assert to_milliseconds(to_text(milliseconds)) == milliseconds
