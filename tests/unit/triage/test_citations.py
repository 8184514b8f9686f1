"""Whatever an analyst invents, the check accepts only what stands on the line."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from triage.analysts.analysis import Citation
from triage.analysts.citations import problem_with
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line

TEXT = st.text(alphabet="abcdefgh 0123456789", min_size=8, max_size=40).filter(
    lambda text: len(text.split()) > 1
)
LINES = st.dictionaries(st.integers(1, 50), TEXT, min_size=1, max_size=8)


def evidence(lines: dict[int, str], status: EvidenceStatus = EvidenceStatus.OK) -> list[EvidenceItem]:
    numbered = tuple(Line(number=number, text=text) for number, text in sorted(lines.items()))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        EvidenceItem(
            id="log", source="log", kind=EvidenceKind.RUNTIME, collected_at=now, status=status, lines=numbered
        )
    ]


@given(LINES, st.data())
def test_a_whole_line_quoted_from_its_place_holds(lines: dict[int, str], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(sorted(lines)))
    assert problem_with(Citation(evidence="log", line=number, quote=lines[number]), evidence(lines)) is None


@given(LINES, st.integers(1, 60), TEXT)
def test_a_quote_that_is_not_on_the_line_never_holds(lines: dict[int, str], number: int, quote: str) -> None:
    assume(" ".join(quote.split()) not in " ".join(lines.get(number, "").split()))
    assert problem_with(Citation(evidence="log", line=number, quote=quote), evidence(lines)) is not None


@given(LINES, st.sampled_from([EvidenceStatus.EMPTY, EvidenceStatus.ERROR, EvidenceStatus.TIMEOUT]))
def test_an_item_that_is_missing_proves_nothing(lines: dict[int, str], status: EvidenceStatus) -> None:
    number, text = next(iter(lines.items()))
    assert problem_with(Citation(evidence="log", line=number, quote=text), evidence(lines, status))


@given(st.lists(TEXT, min_size=2, max_size=4))
def test_a_quote_stitched_from_two_lines_never_holds(texts: list[str]) -> None:
    lines = dict(enumerate(texts, start=1))
    quote = f"{texts[0]} | {texts[1]}"
    for number in lines:
        assert problem_with(Citation(evidence="log", line=number, quote=quote), evidence(lines))
