"""Many scores as the figures that are held against targets, and whether stated confidence is deserved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from triage.evaluation.scenario import Origin
from triage.evaluation.scoring import Score

#: the edges of the bins in which confidence is compared with being right
_EDGES = (0.0, 0.4, 0.6, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    hits: int
    of: int

    @property
    def ratio(self) -> float | None:
        """Between 0 and 1; None of nothing."""
        return self.hits / self.of if self.of else None

    def __str__(self) -> str:
        """As a table shows it.

        >>> str(Share(3, 4))
        '75 % (3/4)'
        """
        return f"{self.hits / self.of:.0%} ({self.hits}/{self.of})".replace("%", " %") if self.of else "-"


@dataclass(frozen=True, slots=True)
class Bin:
    """Reports whose first cause is stated with a confidence in one interval."""

    low: float
    high: float
    stated: float
    right: Share


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a set of scenarios."""

    name: str
    top_1: Share
    top_3: Share
    abstained: Share
    decisive: Share
    citations: Share
    #: the mean over positives, 0 to 1
    entity_recall: float | None
    leaks: int
    slowest_seconds: float


def summaries(scores: Sequence[Score]) -> Sequence[Summary]:
    """Recorded ones that rules could be fitted to, those held out, constructed ones, and all."""
    parts: Sequence[tuple[str, Callable[[Score], bool]]] = (
        ("seen", lambda one: _recorded(one) and not one.scenario.is_held_out),
        ("held out", lambda one: _recorded(one) and one.scenario.is_held_out),
        ("constructed", lambda one: not _recorded(one)),
        ("all", lambda _one: True),
    )
    chosen = ((name, [one for one in scores if wanted(one)]) for name, wanted in parts)
    return [summary(name, some) for name, some in chosen if some]


def summary(name: str, scores: Sequence[Score]) -> Summary:
    """The figures of some scores."""
    positive = [one for one in scores if one.is_positive]
    negative = [one for one in scores if not one.is_positive]
    recalls = [one.entity_recall for one in positive]
    return Summary(
        name=name,
        top_1=_share([one.top_1 for one in positive]),
        top_3=_share([one.top_3 for one in positive]),
        abstained=_share([one.abstained for one in negative]),
        decisive=_share([one.cites_decisive for one in positive]),
        citations=Share(sum(one.valid_citations for one in scores), sum(one.citations for one in scores)),
        entity_recall=sum(recalls) / len(recalls) if recalls else None,
        leaks=sum(len(one.leaked) for one in scores),
        slowest_seconds=max(one.seconds for one in scores),
    )


def reliability(scores: Sequence[Score]) -> Sequence[Bin]:
    """Stated confidence beside how often it was right; a claim about a negative is a wrong one."""
    claims = [one for one in scores if one.found]
    bins: list[Bin] = []
    for low, high in pairwise(_EDGES):
        some = [one for one in claims if low < one.confidence <= high]
        if some:
            stated = sum(one.confidence for one in some) / len(some)
            bins.append(Bin(low, high, stated, _share([one.top_1 for one in some])))
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the gap between stated and deserved, weighted by the bins' sizes.

    Source: Naeini, Cooper, Hauskrecht: Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015.
    """
    total = sum(one.right.of for one in bins)
    return sum(one.right.of * abs(one.stated - one.right.hits / one.right.of) for one in bins) / (total or 1)


def _share(hits: Sequence[bool]) -> Share:
    return Share(sum(hits), len(hits))


def _recorded(one: Score) -> bool:
    return one.scenario.truth.origin is Origin.RECORDED
