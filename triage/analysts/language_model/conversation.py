"""One conversation with a language model: a question, and one chance to mend the answer, within a time.

Whatever goes wrong on the way is an :class:`AnalystUnavailable` with a sentence; no fault of an SDK gets out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model
from pydantic_ai.usage import RunUsage

from homeostat.redaction import redact
from triage.analysts.analysis import Usage
from triage.analysts.language_model.answer import Answer
from triage.analysts.language_model.provider import ModelSource
from triage.errors import AnalystUnavailable

_log = structlog.stdlib.get_logger()

#: what is to be mended of an answer, as the next message; None when nothing is
Review = Callable[[Answer], str | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """The first answer, the second where one was asked for, and what both cost."""

    first: Answer
    second: Answer | None
    usage: Usage


async def converse(
    source: ModelSource, instructions: str, question: str, review: Review, timeout_seconds: float
) -> Reply:
    """Ask, let ``review`` judge, and ask once more if it wants to.

    Raises:
        AnalystUnavailable: when the model did not answer in time, or not in the asked shape.
    """
    usage = RunUsage()
    try:
        async with asyncio.timeout(timeout_seconds), source() as model:
            agent = _agent(model, instructions)
            run = await agent.run(question, usage=usage)
            wish = review(run.output)
            second = await _mended(agent, wish, run.all_messages(), usage) if wish else None
            return Reply(run.output, second, _counted(usage))
    except TimeoutError:
        raise AnalystUnavailable(f"the language model did not answer within {timeout_seconds:g} s.") from None
    except ModelHTTPError as error:
        raise AnalystUnavailable(f"the language model's provider answered {error.status_code}.") from None
    except UnexpectedModelBehavior:
        raise AnalystUnavailable("the language model's answer did not have the asked shape.") from None
    except Exception as error:  # noqa: BLE001 - the edge of a foreign SDK: its faults must not cost the report
        # the message may quote the request with its key, so only its kind is told
        _log.warning("language_model_failed", error=redact(str(error)))
        raise AnalystUnavailable(f"the language model failed ({type(error).__name__}).") from None


def _agent(model: Model, instructions: str) -> Agent[None, Answer]:
    return Agent(model, output_type=Answer, instructions=instructions, retries=1)


async def _mended(
    agent: Agent[None, Answer], wish: str, history: Sequence[ModelMessage], usage: RunUsage
) -> Answer | None:
    """The second answer; when there is none of the asked shape, the first one has to do."""
    try:
        return (await agent.run(wish, message_history=history, usage=usage)).output
    except (ModelHTTPError, UnexpectedModelBehavior):
        return None


def _counted(usage: RunUsage) -> Usage:
    return Usage(calls=usage.requests, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
