"""A drift report's own section: what is urgent, what code did, and every statistic in a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from homeostat.config import Document
from triage.alert import Alert
from triage.drift.assessment import Action, DriftClass, assess
from triage.drift.urgency import Judged, Urgency
from triage.evidence.drift.collector import ITEM
from triage.evidence.drift.found import alerts_own, told_in
from triage.evidence.drift.lines import amount
from triage.evidence.item import EvidenceItem
from triage.report.markdown_text import prose
from triage.symptom import Symptom, symptom_of

#: those that moved come first; a reader needs few of the others
_MOST_ROWS = 60


class DriftRow(Document):
    """One statistic."""

    statistic: str
    feature: str
    window: str
    baseline: float | None
    current: float | None
    effect: float | None
    #: corrected for the number of statistics
    p_value: float | None
    n: float | None
    #: empty when it is not both significant and large
    urgency: Urgency


class DriftSection(Document):
    """See the module's docstring."""

    drift: DriftClass
    urgency: Urgency
    action: Action
    features: tuple[str, ...]
    rows: tuple[DriftRow, ...]
    #: rows beyond those that are shown
    left_out: int = 0
    #: what was triggered by code, or why nothing was
    response: str = ""


def drift_section(alert: Alert, evidence: Sequence[EvidenceItem]) -> DriftSection | None:
    """The section of an alert about drift; None for any other, and where nobody told a statistic."""
    if symptom_of(alert.name) is not Symptom.DRIFT:
        return None
    is_sent = any(item.id == ITEM for item in evidence)
    own = alerts_own(alert.annotations)
    statistics = own if is_sent else [one.statistic for one in told_in(evidence, alert.annotations)]
    if not statistics:
        return None
    said = assess(statistics)
    ordered = sorted(said.judged, key=lambda one: (-one.urgency.rank, one.statistic.statistic.value))
    return DriftSection(
        drift=said.drift,
        urgency=said.urgency,
        action=said.action,
        features=said.features,
        rows=tuple(_row(one) for one in ordered[:_MOST_ROWS]),
        left_out=max(0, len(ordered) - _MOST_ROWS),
    )


def _row(one: Judged) -> DriftRow:
    statistic = one.statistic
    return DriftRow(
        statistic=statistic.statistic.value,
        feature=statistic.feature,
        window=statistic.window,
        baseline=statistic.baseline,
        current=statistic.current,
        effect=one.effect,
        p_value=one.p_value,
        n=statistic.n,
        urgency=one.urgency,
    )


def summary_of(section: DriftSection) -> str:
    """The section in a sentence."""
    if section.drift is DriftClass.NONE:
        return "No drift: no statistic is both significant and large."
    affected = f", affected: {', '.join(section.features[:8])}" if section.features else ""
    said = f"{str(section.drift).capitalize()}, urgency {section.urgency}{affected}"
    return f"{said}; recommended: {section.action}."


def cells(row: DriftRow) -> tuple[str, ...]:
    """A row as text, as Markdown and HTML show it alike."""
    return (
        f"{row.statistic} {row.feature}".strip(),
        row.window or "-",
        amount(row.baseline),
        amount(row.current),
        amount(row.effect),
        "not told" if row.p_value is None else f"p {row.p_value:.2g}",
        "-" if row.n is None else f"{row.n:.0f}",
        str(row.urgency) or "-",
    )


def shown_drift(section: DriftSection | None) -> Mapping[str, Any] | None:
    """What the page's template shows of it."""
    if section is None:
        return None
    return {
        "summary": summary_of(section),
        "response": section.response,
        "header": HEADER,
        "rows": [cells(row) for row in section.rows],
        "left_out": section.left_out,
    }


HEADER = ("statistic", "window", "baseline", "current", "effect", "significance", "rows", "urgency")


def drift_markdown(section: DriftSection | None) -> Iterable[str]:
    """The section's lines; none where there is no drift to tell of."""
    if section is None:
        return
    yield "## Drift"
    yield ""
    yield prose(summary_of(section))
    yield ""
    if section.response:
        yield f"**{prose(section.response)}**"
        yield ""
    yield f"| {' | '.join(HEADER)} |"
    yield f"|{'---|' * len(HEADER)}"
    for row in section.rows:
        yield f"| {' | '.join(prose(cell) for cell in cells(row))} |"
    yield ""
    if section.left_out:
        yield f"{section.left_out} more statistics did not move."
        yield ""
