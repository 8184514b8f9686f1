"""One answer out of several analysts': measured causes first, a model's only where it adds a kind."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Analysis, Cause

#: a reader can follow up three; the list is never padded to them
MOST_CAUSES = 3
#: what is less likely than this is not worth a reader's time
_LEAST_CONFIDENCE = 0.2


def ranked_causes(analyses: Sequence[Analysis]) -> tuple[Cause, ...]:
    """At most three causes by confidence.

    ``analyses`` come in the order of trust: a kind that an earlier one found, or ruled out by evidence, is
    not taken from a later one.
    """
    settled: set[str] = set()
    kept: list[Cause] = []
    for analysis in analyses:
        kept += [c for c in analysis.causes if c.kind not in settled and c.confidence >= _LEAST_CONFIDENCE]
        settled |= {cause.kind for cause in analysis.causes if cause.kind != "other"}
        settled |= {out.kind for out in analysis.ruled_out}
    ranked = sorted(kept, key=lambda cause: -cause.confidence)
    # two signatures may see the same kind: the surer one tells it
    first = {(cause.kind, cause.title if cause.kind == "other" else ""): cause for cause in reversed(ranked)}
    return tuple(cause for cause in ranked if cause in first.values())[:MOST_CAUSES]
