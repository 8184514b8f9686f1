"""Composition of the language-model analyst; apart, since it alone loads the providers' SDKs."""

from __future__ import annotations

from sqlalchemy import Engine

from triage.analysts.analyst import Analyst
from triage.analysts.language_model.analyst import LanguageModelAnalyst
from triage.analysts.language_model.provider import Endpoint, ModelSource, gemini, openai_compatible, vertex
from triage.breaker import Breaker, BreakerPolicy
from triage.budget.answers import Answers
from triage.budget.ledger import Ledger
from triage.budget.limits import Limits, Prices, Spent
from triage.budget.purse import Purse
from triage.clock import Clock
from triage.provider_choice import GEMINI_KEY_VARIABLE, OPENAI_KEY_VARIABLE, provider_key
from triage.settings import ProviderName, Settings

#: Google's name for its current fast model
_GEMINI_MODEL = "gemini-flash-latest"
#: where Ollama listens unless told otherwise
_OLLAMA_ADDRESS = "http://127.0.0.1:11434/v1"


def second_reader(settings: Settings, provider: ProviderName, engine: Engine, clock: Clock) -> Analyst:
    """The analyst that asks ``provider``, within the budgets that the database's ledger keeps."""
    endpoint = _endpoint(settings, provider)
    prices = Prices(settings.llm_input_price, settings.llm_output_price)
    purse = Purse(Ledger(engine, clock, limits(settings)), Breaker(BreakerPolicy()), prices)
    return LanguageModelAnalyst(
        f"{provider}:{endpoint.model}",
        _source(settings, provider, endpoint),
        settings.llm_timeout_seconds,
        purse,
        Answers(engine, clock),
    )


def limits(settings: Settings) -> Limits:
    """The budgets as the settings state them."""
    return Limits(
        incident=Spent(settings.llm_incident_calls, settings.llm_incident_tokens, settings.llm_incident_usd),
        hour=Spent(settings.llm_hour_calls, settings.llm_hour_tokens, settings.llm_hour_usd),
        day=Spent(settings.llm_day_calls, settings.llm_day_tokens, settings.llm_day_usd),
    )


def _endpoint(settings: Settings, provider: ProviderName) -> Endpoint:
    match provider:
        case ProviderName.GEMINI | ProviderName.VERTEX:
            address, variable = settings.gemini_base_url, GEMINI_KEY_VARIABLE
        case ProviderName.OPENAI:
            address, variable = settings.llm_base_url, OPENAI_KEY_VARIABLE
        case ProviderName.OLLAMA:
            address, variable = settings.llm_base_url or _OLLAMA_ADDRESS, OPENAI_KEY_VARIABLE
    model = settings.llm_model or _GEMINI_MODEL
    return Endpoint(model, settings.llm_timeout_seconds, address, provider_key(settings, variable))


def _source(settings: Settings, provider: ProviderName, endpoint: Endpoint) -> ModelSource:
    match provider:
        case ProviderName.GEMINI:
            return gemini(endpoint)
        case ProviderName.VERTEX:
            return vertex(endpoint, settings.vertex_project or "", settings.vertex_location)
        case ProviderName.OPENAI | ProviderName.OLLAMA:
            return openai_compatible(endpoint)
