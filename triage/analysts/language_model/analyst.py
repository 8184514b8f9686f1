"""A second reader: asks the model within a budget, and checks everything that it says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from homeostat import digest
from homeostat.redaction import redact
from triage.analysts.analysis import Analysis, Cause, Hypothesis, Usage
from triage.analysts.analyst import Case
from triage.analysts.language_model.answer import Answer, ClaimedCause
from triage.analysts.language_model.conversation import Reply, converse
from triage.analysts.language_model.prompt import new_nonce, question, repair
from triage.analysts.language_model.provider import ModelSource
from triage.analysts.language_model.task import instructions, task_of
from triage.analysts.language_model.verdict import Dropped, judge
from triage.errors import AnalystUnavailable

_log = structlog.stdlib.get_logger()


class Purse(Protocol):
    """Who says whether the model may be asked, and writes down what it cost."""

    def open(self, incident_id: str, characters: int) -> int:
        """Set aside what a question of that size can cost; the number is for :meth:`close`.

        Raises:
            AnalystUnavailable: when it may not be asked now, with the reason.
        """
        ...

    def close(self, entry: int, usage: Usage | None) -> Usage:
        """Write down what it did cost, and give it with its price; None when the model failed."""
        ...


class Memory(Protocol):
    """Answers by what was asked."""

    def get(self, key: str) -> Any:
        """What was answered, or None."""
        ...

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer."""
        ...


class LanguageModelAnalyst:
    """It has no tools: it gets text and returns claims, and code decides which of them a reader sees."""

    name = "language model"

    def __init__(
        self, model: str, source: ModelSource, timeout_seconds: float, purse: Purse, memory: Memory
    ) -> None:
        self._model = model
        self._source = source
        self._timeout_seconds = timeout_seconds
        self._purse = purse
        self._memory = memory

    def analyse(self, case: Case) -> Analysis:
        """The model's claims that hold.

        Raises:
            AnalystUnavailable: when the model may not be asked, or gave no usable answer in time.
        """
        rules = instructions(task_of(case))
        key = digest.of_parts([("model", self._model), ("rules", rules), ("question", question(case, ""))])
        if (known := self._remembered(key)) is not None:
            return self._analysis(known, case, Usage(cached=True))
        reply, usage = self._asked(case, rules)
        claims = self._settled(reply, case)
        self._memory.put(key, Answer(causes=list(claims)).model_dump(mode="json"))
        return self._analysis(claims, case, usage)

    def _remembered(self, key: str) -> Sequence[ClaimedCause] | None:
        content = self._memory.get(key)
        if content is None:
            return None
        try:
            return Answer.model_validate(content).causes
        except ValidationError:
            # kept by another version of triage
            return None

    def _asked(self, case: Case, rules: str) -> tuple[Reply, Usage]:
        text = question(case, new_nonce())
        entry = self._purse.open(case.incident_id, len(rules) + len(text))

        def review(answer: Answer) -> str | None:
            wrong = [why for claim in answer.causes if (why := self._wrong(claim, case))]
            return repair(wrong) if wrong else None

        try:
            reply = asyncio.run(converse(self._source, rules, text, review, self._timeout_seconds))
        except AnalystUnavailable:
            self._purse.close(entry, None)
            raise
        return reply, self._purse.close(entry, reply.usage)

    def _settled(self, reply: Reply, case: Case) -> Sequence[ClaimedCause]:
        """What held at once, and the second word on the rest."""
        if reply.second is None:
            return reply.first.causes
        held = [claim for claim in reply.first.causes if self._wrong(claim, case) is None]
        return [*held, *(claim for claim in reply.second.causes if claim not in held)]

    def _wrong(self, claim: ClaimedCause, case: Case) -> str | None:
        match judge(claim, case, self.name):
            case Dropped(reason):
                return reason
            case Hypothesis() as guess:
                return guess.why_unproven
            case Cause():
                return None

    def _analysis(self, claims: Sequence[ClaimedCause], case: Case, usage: Usage) -> Analysis:
        verdicts = [judge(claim, case, self.name) for claim in claims]
        dropped = tuple(redact(verdict.reason) for verdict in verdicts if isinstance(verdict, Dropped))
        for reason in dropped:
            _log.warning("claim_dropped", incident=case.incident_id, reason=reason)
        return Analysis(
            analyst=self.name,
            causes=tuple(verdict for verdict in verdicts if isinstance(verdict, Cause)),
            hypotheses=tuple(verdict for verdict in verdicts if isinstance(verdict, Hypothesis)),
            dropped=dropped,
            usage=usage,
        )
