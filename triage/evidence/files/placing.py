"""What evidence that a person chose says of the alert's place and time, where the alert itself does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from triage.alert import Alert
from triage.clock import Clock
from triage.evidence.collector import Scope
from triage.evidence.item import Observation

#: evidence whose last moment lies further before the alert than this was not taken during it: one of the
#: two times is wrong, and then the evidence's own is the one that its parts share
_APART = timedelta(days=1)
#: somebody who saves evidence does so a while after the alert
_LATER = timedelta(minutes=10)


def present(alert: Alert, latest: datetime | None, clock: Clock) -> datetime:
    """The moment at which the evidence was saved, as near as it is known: never later than now."""
    moments = [moment for moment in (alert.starts_at + _LATER, alert.ends_at, latest) if moment]
    return min(max(moments), clock())


def placed(scope: Scope, observations: Iterable[Observation], latest: datetime | None) -> Scope:
    """The scope with the names that the labels lack, each only where the evidence names one alone."""
    seen = list(observations)
    pods = [one for one in seen if one.name == "pod"]
    unready = [one for one in pods if not one.numbers.get("ready")]
    starts_at = scope.starts_at
    if latest and starts_at - latest > _APART:
        starts_at = latest
    return replace(
        scope,
        starts_at=starts_at,
        namespace=scope.namespace or _commonest(seen),
        pod=scope.pod or _only(unready or pods, "pod"),
        deployment=scope.deployment
        or _only([one for one in seen if one.texts.get("kind") == "Deployment"], "name"),
        claim=scope.claim or _only([one for one in seen if one.name == "claim"], "claim"),
        application=scope.application or _only([one for one in seen if one.name == "app"], "application"),
    )


def _only(observations: Iterable[Observation], key: str) -> str | None:
    names = {one.texts.get(key, "") for one in observations} - {""}
    return names.pop() if len(names) == 1 else None


def _commonest(observations: Iterable[Observation]) -> str | None:
    counts = Counter(one.texts.get("namespace", "") for one in observations)
    counts.pop("", None)
    return counts.most_common(1)[0][0] if counts else None
