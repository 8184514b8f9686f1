"""Whose language model is asked, and with which key: by the settings, else as providers' own tools do."""

from __future__ import annotations

import os

from triage.settings import ProviderName, Settings

#: taken when TRIAGE_LLM_API_KEY is not set
GEMINI_KEY_VARIABLE = "GEMINI_API_KEY"
OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"


def provider_key(settings: Settings, variable: str) -> str:
    """The language model's key, or the empty string."""
    if settings.llm_api_key:
        return settings.llm_api_key.get_secret_value()
    return os.environ.get(variable, "").strip()


def provider_of(settings: Settings) -> ProviderName | None:
    """Whose language model is asked, or None when nobody's."""
    if settings.llm_provider:
        return settings.llm_provider
    if settings.llm_base_url:
        return ProviderName.OPENAI
    return ProviderName.GEMINI if provider_key(settings, GEMINI_KEY_VARIABLE) else None
