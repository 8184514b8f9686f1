"""The PromQL of ``queries.toml`` and how labels enter it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from pydantic import Field, TypeAdapter

from homeostat.config import Document
from triage.evidence.collector import Scope
from triage.symptom import Symptom


class Query(Document):
    """One question to Prometheus."""

    name: str = ""
    title: str
    unit: str
    symptoms: tuple[Symptom, ...] = Field(alias="for")
    headline: tuple[Symptom, ...] = ()
    query: str

    def promql(self, scope: Scope, window_seconds: float) -> str | None:
        """The query about ``scope``, or None when the alert does not name what it asks about."""
        text = self.query
        for placeholder, value in _values(scope).items():
            if placeholder in text:
                if value is None:
                    return None
                text = text.replace(placeholder, json.dumps(value))
        return text.replace("$window", f"{max(1, round(window_seconds))}s")


def _values(scope: Scope) -> Mapping[str, str | None]:
    return {
        "$model": scope.model,
        "$service": scope.service,
        "$namespace": scope.namespace,
        "$pod": scope.pod,
        "$claim": scope.claim,
    }


def queries_for(symptom: Symptom) -> Sequence[Query]:
    """The queries that an alert of this class needs, its headline first."""
    wanted = [q for q in _all_queries() if symptom is Symptom.UNKNOWN or symptom in q.symptoms]
    return sorted(wanted, key=lambda query: symptom not in query.headline)


@cache
def _all_queries() -> tuple[Query, ...]:
    content = tomllib.loads(files("triage.evidence").joinpath("queries.toml").read_text(encoding="utf-8"))
    parsed = TypeAdapter(dict[str, Query]).validate_python(content)
    return tuple(query.model_copy(update={"name": name}) for name, query in parsed.items())
