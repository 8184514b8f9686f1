"""A wrong claim of a language model gets one chance to be mended; what is asked fits what was found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.unit.triage.conftest import listening
from tests.unit.triage.test_language_model import Free, Kept, case, cause, openai_answer
from triage.analysts.analysis import Usage
from triage.analysts.analyst import Case
from triage.analysts.language_model.analyst import LanguageModelAnalyst
from triage.analysts.language_model.entities import invented
from triage.analysts.language_model.provider import Endpoint, openai_compatible
from triage.analysts.language_model.task import Task, instructions, task_of
from triage.errors import AnalystUnavailable
from triage.evidence.collector import scope_of
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INVENTED = {"evidence": "log.model", "line": 9, "quote": "feature-store answered 504"}


class Provider:
    """Answers each call with the next of ``answers``; keeps what it was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[Any] = []
        self.received: list[dict[str, Any]] = []


@pytest.fixture
def provider() -> Iterator[Provider]:
    fake = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            body = openai_answer(fake.answers[len(fake.received) - 1])
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with listening(Handler) as fake.url:
        yield fake


def analyst(provider: Provider, purse: Any = None, memory: Kept | None = None) -> LanguageModelAnalyst:
    source = openai_compatible(Endpoint("played", 20.0, f"{provider.url}/v1"))
    return LanguageModelAnalyst("played", source, 20.0, purse or Free(), Kept() if memory is None else memory)


def test_a_wrong_claim_is_told_why_and_its_mended_form_is_kept(provider):
    provider.answers = [{"causes": [cause(citations=[INVENTED])]}, {"causes": [cause()]}]
    analysis = analyst(provider).analyse(case())
    assert [one.title for one in analysis.causes] == ["The feature store fails"]
    assert analysis.dropped == ()
    assert "line 9 of 'log.model' does not say so" in json.dumps(provider.received[1])
    assert analysis.usage.calls == 2


def test_what_held_at_once_stays_when_another_claim_is_mended(provider):
    good = cause(kind="traffic", title="The caller of the feature store waits")
    provider.answers = [{"causes": [good, cause(citations=[INVENTED])]}, {"causes": [cause()]}]
    titles = [one.title for one in analyst(provider).analyse(case()).causes]
    assert titles == ["The caller of the feature store waits", "The feature store fails"]


def test_a_claim_that_is_wrong_twice_is_dropped_and_not_asked_for_again(provider):
    provider.answers = [{"causes": [cause(citations=[INVENTED])]}] * 5
    analysis = analyst(provider).analyse(case())
    assert analysis.causes == ()
    assert len(analysis.dropped) == 1
    assert len(provider.received) == 2


def test_the_same_evidence_is_asked_about_once(provider):
    provider.answers = [{"causes": [cause()]}]
    memory = Kept()
    first = analyst(provider, memory=memory).analyse(case())
    again = analyst(provider, memory=memory).analyse(case())
    assert again.causes == first.causes
    assert again.usage == Usage(cached=True)
    assert len(provider.received) == 1


def test_other_evidence_is_asked_about_anew(provider):
    provider.answers = [{"causes": []}] * 2
    memory = Kept()
    analyst(provider, memory=memory).analyse(case())
    first = case()
    analyst(provider, memory=memory).analyse(Case(first.alert, first.scope, first.evidence[:1]))
    assert len(provider.received) == 2


def test_an_empty_budget_sends_nothing(provider):
    class Empty(Free):
        def open(self, incident_id: str, characters: int) -> int:
            raise AnalystUnavailable("the day's budget of 0 calls is used up")

    with pytest.raises(AnalystUnavailable, match="budget"):
        analyst(provider, Empty()).analyse(case())
    assert provider.received == []


@pytest.mark.parametrize(
    ("text", "known", "told"),
    [
        ("Pod web-0 died", "web-0 was killed", None),
        ("Pod web-1 died", "web-0 was killed", "the name 'web-1'"),
        ("It reads 'db-auth'", "secret db-auth is missing", None),
        ("It reads 'db-auth'", "a secret is missing", "the name 'db-auth'"),
        ("A KeyError in train.py", "KeyError raised", "the name 'train.py'"),
        ("It took 3.5 s", "took 3.5s", None),
        ("It took 4 s", "took 3.5 s", "the number 4"),
        ("The well-known out-of-memory killer can't be stopped", "", None),
    ],
)
def test_a_name_or_number_that_no_cited_line_holds_is_found(text, known, told):
    assert invented(text, known) == told


def seen(name: str, alertname: str = "PipelineFailed", **texts: str) -> Case:
    base = case()
    item = EvidenceItem(
        id="run.log", source="run.log", kind=EvidenceKind.RUNTIME, collected_at=NOW, status=EvidenceStatus.OK,
        lines=(Line(number=1, text="x"),), observations=(Observation(name=name, line=1, texts=texts),),
    )  # fmt: skip
    alert = type(base.alert)(**{**_fields(base.alert), "labels": {"alertname": alertname}})
    return Case(alert, scope_of(alert, NOW), (item,))


def _fields(alert: Any) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in alert.__slots__}


@pytest.mark.parametrize(
    ("case", "task"),
    [
        (seen("finding", tool="bandit"), Task.CODE_FINDING),
        (seen("finding", tool="gitleaks"), Task.SECRET_FINDING),
        (seen("finding", tool="pip-audit"), Task.DEPENDENCY_FINDING),
        (seen("finding", tool="trivy"), Task.IMAGE_FINDING),
        (seen("test.failed"), Task.TEST_FAILURE),
        (seen("gate.refused"), Task.MODEL_BELOW_GATE),
        (seen("manifest.error"), Task.DEPLOYMENT),
        (seen("finding", tool="ruff"), Task.ALERT),
        (seen("anything", "ModelDrift"), Task.DRIFT),
        (seen("anything", "ApplicationSyncFailed"), Task.DEPLOYMENT),
        (seen("anything", "ModelInferenceLatencyHigh"), Task.ALERT),
    ],
)
def test_what_is_asked_fits_what_was_found(case, task):
    assert task_of(case) is task


@pytest.mark.parametrize("task", Task)
def test_every_task_says_what_it_wants_and_keeps_the_common_rules(task):
    text = instructions(task)
    assert "character by character" in text
    assert len(text) > len(instructions(Task.ALERT)) / 2
