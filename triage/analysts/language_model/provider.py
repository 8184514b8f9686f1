"""Which language model is asked: Gemini, by key or by Google Cloud, or any server with OpenAI's chat API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.models import Model
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.google_cloud import GoogleCloudProvider
from pydantic_ai.providers.openai import OpenAIProvider

#: opens a model for one analysis; its connections belong to the event loop of that analysis
ModelSource = Callable[[], AbstractAsyncContextManager[Model]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one provider."""

    model: str
    timeout_seconds: float
    #: None is the provider's own address
    base_url: str | None = None
    # never in a repr, which could reach a log
    api_key: str = field(default="", repr=False)


def gemini(endpoint: Endpoint) -> ModelSource:
    """A model of Google's Gemini API."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Model]:
        async with httpx2.AsyncClient(timeout=endpoint.timeout_seconds) as client:
            provider = GoogleProvider(
                api_key=endpoint.api_key, base_url=endpoint.base_url, http_client=client
            )
            yield GoogleModel(endpoint.model, provider=provider)

    return opened


def vertex(endpoint: Endpoint, project: str, location: str) -> ModelSource:
    """A Gemini model of a project of Google Cloud, with the application's default credentials."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Model]:
        async with httpx2.AsyncClient(timeout=endpoint.timeout_seconds) as client:
            provider = GoogleCloudProvider(
                project=project, location=location, base_url=endpoint.base_url, http_client=client
            )
            yield GoogleModel(endpoint.model, provider=provider)

    return opened


def openai_compatible(endpoint: Endpoint) -> ModelSource:
    """A model behind any server with ``/chat/completions``."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Model]:
        # a local server needs no key, but the client wants one; retries belong to the queue, not to the SDK
        async with AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.api_key or "none",
            max_retries=0,
            timeout=endpoint.timeout_seconds,
        ) as client:
            yield OpenAIChatModel(endpoint.model, provider=OpenAIProvider(openai_client=client))

    return opened
