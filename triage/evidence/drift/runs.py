"""What differs between the run that made the present version and the one before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from triage.clock import Clock
from triage.evidence.collector import Scope
from triage.evidence.drift.lines import amount
from triage.evidence.drift.mlflow import (
    Mlflow,
    MlflowForbidden,
    MlflowTimeout,
    MlflowUnavailable,
    ModelVersion,
    Run,
)
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

ITEM = "mlflow"
_VERSION = re.compile(r"[1-9]\d{0,8}")
#: of each of metrics, parameters and tags
_MOST_DIFFERENCES = 30
_MOST_CHARACTERS = 160
#: what says which data a run was trained on
_DATA = re.compile(r"(?i)data.*(?:sha|hash|digest)|(?:sha|hash|digest).*data")


@dataclass(slots=True)
class _Told:
    lines: list[str] = field(default_factory=list[str])
    observations: list[Observation] = field(default_factory=list[Observation])

    def say(
        self, text: str, what: str = "", name: str = "", numbers: Mapping[str, float] | None = None
    ) -> None:
        self.lines.append(text)
        if what:
            self.observations.append(
                Observation(
                    name="run.difference",
                    line=len(self.lines),
                    numbers=numbers or {},
                    texts={"what": what, "name": name},
                )
            )


class RunComparison:
    """Asks one MLflow server; at most five requests, and none after one that failed."""

    def __init__(self, mlflow: Mlflow, clock: Clock) -> None:
        self._mlflow = mlflow
        self._clock = clock

    def compare(self, scope: Scope) -> EvidenceItem:
        """One item with a line for each difference."""
        number = scope.alert.labels.get("version", "")
        if scope.model is None or not _VERSION.fullmatch(number):
            return self._item(EvidenceStatus.EMPTY, note="the alert names no model with a registry's version")
        try:
            return self._compared(scope.model, int(number))
        except MlflowTimeout as error:
            return self._item(EvidenceStatus.TIMEOUT, note=str(error))
        except MlflowForbidden as error:
            return self._item(EvidenceStatus.FORBIDDEN, note=str(error))
        except MlflowUnavailable as error:
            return self._item(EvidenceStatus.ERROR, note=str(error))

    def _compared(self, model: str, number: int) -> EvidenceItem:
        present = self._mlflow.version(model, number)
        if present is None:
            return self._item(EvidenceStatus.EMPTY, note=f"MLflow has no version {number} of {model}")
        former = _before(self._mlflow.versions(model), number)
        if former is None:
            return self._item(EvidenceStatus.EMPTY, note=f"no version of {model} came before {number}")
        runs = [self._mlflow.run(one.run_id) for one in (former, present)]
        if runs[0] is None or runs[1] is None:
            return self._item(EvidenceStatus.EMPTY, note="MLflow has lost one of the two runs")
        told = _differences(model, (former, runs[0]), (present, runs[1]))
        return self._item(EvidenceStatus.OK, told)

    def _item(self, status: EvidenceStatus, told: _Told | None = None, note: str = "") -> EvidenceItem:
        said = told or _Told()
        return EvidenceItem(
            id=ITEM,
            source="MLflow: the present version's run against the one before",
            kind=EvidenceKind.CHANGE,
            collected_at=self._clock(),
            status=status,
            note=note,
            lines=tuple(Line(number=at, text=text) for at, text in enumerate(said.lines, start=1)),
            observations=tuple(said.observations),
        )


def _before(versions: Iterable[ModelVersion], number: int) -> ModelVersion | None:
    """The version that was registered before: only what passed its gates is registered."""
    earlier = [one for one in versions if _VERSION.fullmatch(one.version) and int(one.version) < number]
    return max(earlier, key=lambda one: int(one.version), default=None)


def _differences(model: str, before: tuple[ModelVersion, Run], after: tuple[ModelVersion, Run]) -> _Told:
    told = _Told()
    (former, old), (present, new) = before, after
    told.say(
        f"{model}: version {former.version} (run {former.run_id}) -> "
        f"version {present.version} (run {present.run_id})"
    )
    for name in _differing(old.metrics, new.metrics):
        was, now = old.metrics.get(name), new.metrics.get(name)
        numbers = {key: value for key, value in (("before", was), ("after", now)) if value is not None}
        told.say(f"metric {name}: {amount(was)} -> {amount(now)}", "metric", name, numbers)
    for what, ours, theirs in (("parameter", old.parameters, new.parameters), ("tag", old.tags, new.tags)):
        for name in _differing(ours, theirs):
            is_data = what == "tag" and _DATA.search(name) is not None
            told.say(
                f"{what} {name}: {_short(ours.get(name))} -> {_short(theirs.get(name))}",
                "data" if is_data else what,
                name,
            )
    same_data = [name for name in new.tags if _DATA.search(name) and old.tags.get(name) == new.tags[name]]
    for name in sorted(same_data):
        told.say(f"both were trained on the same data: tag {name} is {_short(new.tags[name])}")
    return told


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    names = sorted({*old, *new})
    return [name for name in names if old.get(name) != new.get(name)][:_MOST_DIFFERENCES]


def _short(text: str | None) -> str:
    flat = "nothing" if text is None else " ".join(text.split())
    return flat if len(flat) <= _MOST_CHARACTERS else f"{flat[:_MOST_CHARACTERS]} ..."
