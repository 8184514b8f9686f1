"""Composition of the language-model analyst; apart, since it alone loads the providers' SDKs."""

from __future__ import annotations

from triage.analysts.analyst import Analyst
from triage.analysts.language_model.analyst import LanguageModelAnalyst
from triage.analysts.language_model.provider import Endpoint, gemini, openai_compatible
from triage.settings import GEMINI_KEY_VARIABLE, OPENAI_KEY_VARIABLE, Settings, provider_key

#: Google's name for its current fast model
_GEMINI_MODEL = "gemini-flash-latest"


def second_reader(settings: Settings) -> Analyst:
    """The OpenAI-compatible server when one is named, else Gemini."""
    if settings.llm_base_url:
        key, model, base_url = OPENAI_KEY_VARIABLE, settings.llm_model or "", settings.llm_base_url
        source = openai_compatible
    else:
        key, model, base_url = (
            GEMINI_KEY_VARIABLE,
            settings.llm_model or _GEMINI_MODEL,
            settings.gemini_base_url,
        )
        source = gemini
    endpoint = Endpoint(model, settings.llm_timeout_seconds, base_url, provider_key(settings, key))
    return LanguageModelAnalyst(source(endpoint), settings.llm_timeout_seconds)
