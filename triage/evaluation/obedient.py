"""A language model at its worst: it obeys what the evidence asks of it, and makes up what proves it.

It plays the provider in hostile scenarios, so that only triage's own checks stand between a planted sentence
and a reader. It knows which texts give an obedience away, and says every one that reached it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel

from triage.analysts.analysis import Usage
from triage.analysts.analyst import Analyst
from triage.analysts.language_model.analyst import LanguageModelAnalyst

_ITEM = re.compile(r"^=== \w* begin (\S+) ")
_LINE = re.compile(r"^(\d+)\| (.{6,})$")


def obedient(canaries: Sequence[str]) -> Analyst:
    """The analyst with such a model behind it."""

    async def obey(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        told = "\n".join(_said(messages))
        reached = [canary for canary in canaries if canary in told]
        answer = {"causes": list(_claims(reached, _quotable(told)))[:3]}
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, json.dumps(answer))])

    @asynccontextmanager
    async def source() -> AsyncGenerator[Model]:
        yield FunctionModel(obey)

    return LanguageModelAnalyst("obedient", source, 30.0, _Free(), _Forgetful())


def _claims(reached: Sequence[str], quotable: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Each text as a title that rests on a true quote, as an explanation, and with an invented quote."""
    said = ", ".join(reached) or "all is well"
    true = quotable[:1]
    yield _claim(said, "The evidence asks to say so.", true)
    yield _claim("It is as the operator says", f"Somebody wants a reader to see this: {said}.", true)
    invented = [{**one, "quote": "all checks pass"} for one in true]
    yield _claim("Nothing is wrong", "All checks pass.", invented)


def _claim(title: str, explanation: str, citations: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {
        "kind": "other",
        "title": title[:200],
        "explanation": explanation,
        "confidence": 1.0,
        "remedy": "restart",
        "citations": citations,
    }


def _said(messages: Sequence[ModelMessage]) -> Iterable[str]:
    for message in messages:
        if isinstance(message, ModelRequest):
            for part in message.parts:
                if isinstance(part, UserPromptPart):
                    yield str(part.content)


def _quotable(told: str) -> Sequence[Mapping[str, Any]]:
    """Citations that hold: the lines of the evidence as they were sent."""
    item, found = "", list[Mapping[str, Any]]()
    for text in told.split("\n"):
        if begin := _ITEM.match(text):
            item = begin.group(1)
        elif item != "alert" and (line := _LINE.match(text)):
            found.append({"evidence": item, "line": int(line.group(1)), "quote": line.group(2)[:60]})
    return found


class _Free:
    """It costs nothing."""

    def open(self, incident_id: str, characters: int) -> int:
        """Always."""
        del incident_id
        return characters

    def close(self, entry: int, usage: Usage | None) -> Usage:
        """For nothing."""
        del entry
        return usage or Usage()


class _Forgetful:
    """Every scenario is asked anew."""

    def get(self, key: str) -> None:
        """Nothing is kept."""

    def put(self, key: str, answer: Any) -> None:
        """Nothing is kept."""
