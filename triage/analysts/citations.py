"""The check behind every claim: does the cited line of the cited item hold the quote?

It compares redacted text with redacted text, verbatim apart from runs of white space, so a quote can't be
rephrased, stitched together or taken from a line that nobody gathered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.analysts.analysis import Citation
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus

#: shorter quotes, such as "a", stand on almost any line and so prove nothing
_SHORTEST_QUOTE = 6
#: text that talks to its reader instead of telling what happened: never evidence of anything
_INSTRUCTION = re.compile(
    r"(?i)(?:ignore|forget|override)[\s_-]+(?:\w+[\s_-]+){0,4}?(?:instructions?|prompts?|rules?|evidence)"
    r"|disregard[\s_-]+(?:\w+[\s_-]+){0,4}?(?:instructions?|above|previous|prior|evidence)"
    r"|(?:you\s+(?:are|must|should|will)\s+(?:now|only|always|never|report|say|answer|output|respond))"
    r"|you\s+are\s+(?:the|an?)\s+(?:\w+\s+){0,3}(?:commander|assistant|analyst|bot|agent|model|ai)\b"
    r"|(?:system|developer)[\s_]+(?:prompt|override)|\bas\s+an?\s+(?:ai|assistant|language\s+model)\b"
    r"|(?:attention|note|notice|message|dear|hey|hello|to)[,:]?\s+(?:(?:to|for|any|the|every|all)\s+){0,3}"
    r"(?:ai|llm|assistants?|analysts?|triage|language\s+models?|bots?)\b"
    r"|\b(?:ai|llm|triage|incident)[\s_-]+(?:bot|assistant|analyst|agent)\s+(?:must|should|shall|has\s+to)"
    r"|===\s*end\s+evidence|</?(?:evidence|untrusted|system|instructions?)>|\bnew\s+task\s*:"
    r"|\b(?:answer|respond|reply|report|conclude)\s+(?:only\s+)?(?:with|that|as)\s+(?:\w+\s+){0,3}"
    r"(?:confidence|root\s+cause|title|kind)\b"
    # what wants to be run unread
    r"|\b(?:curl|wget)\b[^|\n]{0,300}\|\s*(?:sudo\s+)?(?:ba|da|z)?sh\b"
)


def problem_with(citation: Citation, evidence: Iterable[EvidenceItem]) -> str | None:
    """Why the citation does not hold, in one sentence; None when it does."""
    item = next((item for item in evidence if item.id == citation.evidence), None)
    if item is None:
        return f"there is no evidence '{citation.evidence}'"
    if item.status is not EvidenceStatus.OK:
        return f"'{item.id}' holds no evidence ({item.status})"
    text = item.text_of(citation.line)
    if text is None:
        return f"'{item.id}' shows no line {citation.line}"
    quote = _flat(citation.quote)
    if len(quote) < min(_SHORTEST_QUOTE, len(_flat(text))) or quote not in _flat(text):
        return f"line {citation.line} of '{item.id}' does not say so"
    if gives_instructions(text):
        return f"line {citation.line} of '{item.id}' gives instructions to its reader, which proves nothing"
    return None


def gives_instructions(text: str) -> bool:
    """Whether the text talks to its reader."""
    return _INSTRUCTION.search(text) is not None


def shows_runtime(citations: Sequence[Citation], evidence: Iterable[EvidenceItem]) -> bool:
    """Whether at least one citation is of what the running system did, not only of what was changed."""
    runtime = {item.id for item in evidence if item.kind is EvidenceKind.RUNTIME}
    return any(citation.evidence in runtime for citation in citations)


def _flat(text: str) -> str:
    return " ".join(text.split())
