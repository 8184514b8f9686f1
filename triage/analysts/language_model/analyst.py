"""Asks the model once, within a time, and checks everything that it says."""

from __future__ import annotations

import asyncio

import structlog
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError, UnexpectedModelBehavior

from homeostat.redaction import redact
from triage.analysts.analysis import Analysis, Cause, Hypothesis
from triage.analysts.analyst import Case
from triage.analysts.language_model.answer import Answer
from triage.analysts.language_model.prompt import instructions, question
from triage.analysts.language_model.provider import ModelSource
from triage.analysts.language_model.verdict import Dropped, judge
from triage.errors import AnalystUnavailable

_log = structlog.stdlib.get_logger()


class LanguageModelAnalyst:
    """A second reader without tools: it gets text and returns claims, which code checks."""

    name = "language model"

    def __init__(self, source: ModelSource, timeout_seconds: float) -> None:
        self._source = source
        self._timeout_seconds = timeout_seconds

    def analyse(self, case: Case) -> Analysis:
        """The model's claims that hold.

        Raises:
            AnalystUnavailable: when the model did not answer in time, or not in the asked shape.
        """
        answer = asyncio.run(self._asked(question(case)))
        return self._checked(answer, case)

    async def _asked(self, text: str) -> Answer:
        try:
            async with asyncio.timeout(self._timeout_seconds), self._source() as model:
                agent = Agent(model, output_type=Answer, instructions=instructions(), retries=1)
                return (await agent.run(text)).output
        except TimeoutError:
            raise AnalystUnavailable(
                f"the language model did not answer within {self._timeout_seconds:g} s."
            ) from None
        except ModelHTTPError as error:
            raise AnalystUnavailable(f"the language model's provider answered {error.status_code}.") from None
        except UnexpectedModelBehavior:
            raise AnalystUnavailable("the language model's answer did not have the asked shape.") from None
        except Exception as error:  # noqa: BLE001 - the edge of a foreign SDK: its faults must not cost the report
            # the message may quote the request with its key, so only its kind is told
            _log.warning("language_model_failed", error=redact(str(error)))
            raise AnalystUnavailable(f"the language model failed ({type(error).__name__}).") from None

    def _checked(self, answer: Answer, case: Case) -> Analysis:
        verdicts = [judge(claim, case, self.name) for claim in answer.causes]
        for verdict in verdicts:
            if isinstance(verdict, Dropped):
                _log.warning("claim_dropped", reason=redact(verdict.reason))
        return Analysis(
            analyst=self.name,
            causes=tuple(verdict for verdict in verdicts if isinstance(verdict, Cause)),
            hypotheses=tuple(verdict for verdict in verdicts if isinstance(verdict, Hypothesis)),
            dropped=tuple(verdict.reason for verdict in verdicts if isinstance(verdict, Dropped)),
        )
