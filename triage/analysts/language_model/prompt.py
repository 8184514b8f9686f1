"""What leaves for a provider: the alert and the evidence as fenced data, redacted once more."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence

from homeostat.redaction import redact
from triage.analysts.analyst import Case
from triage.clock import stamp
from triage.evidence.item import EvidenceItem

#: characters; about a quarter as many tokens
_MOST_PER_ITEM = 12_000
_MOST_IN_ALL = 60_000
#: of what one label or annotation says
_MOST_OF_A_VALUE = 4_000


def new_nonce() -> str:
    """A mark for the fences, new for each question, so no log line can close its own fence."""
    return secrets.token_hex(8)


def question(case: Case, nonce: str) -> str:
    """The alert and its evidence, each between two lines that carry ``nonce``."""
    alert = {
        "alert": case.alert.name,
        "labels": _bounded(case.alert.labels),
        "annotations": _bounded(case.alert.annotations),
        "firing_since": stamp(case.alert.starts_at),
    }
    parts = [_fenced(nonce, "alert", "data", json.dumps(alert, indent=1))]
    left = _MOST_IN_ALL
    for item in case.evidence:
        text = _body(item, min(left, _MOST_PER_ITEM))
        left -= len(text)
        parts.append(_fenced(nonce, item.id, f"kind={item.kind} status={item.status} {item.note}", text))
    return redact("\n".join(parts))


def _bounded(said: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value[:_MOST_OF_A_VALUE] for name, value in said.items()}


def _fenced(nonce: str, name: str, about: str, text: str) -> str:
    # a file's name and a source's message are strangers' words as well
    name, about = _line(name), _line(about)
    return f"=== {nonce} begin {name} ({about})\n{text}\n=== {nonce} end {name}"


def _body(item: EvidenceItem, most: int) -> str:
    texts: list[str] = []
    used = 0
    for line in item.lines:
        folded = f"   [{line.similar} lines like it follow]" if line.similar else ""
        text = _line(f"{line.number}| {line.text}{folded}")
        used += len(text) + 1
        if used > most:
            texts.append("(the rest is left out)")
            break
        texts.append(text)
    return "\n".join(texts)


def _line(text: str) -> str:
    """One line, which could not pass for a marker even with the nonce."""
    return " ".join(text.strip().splitlines()).replace("===", "= = =")


def repair(reasons: Sequence[str]) -> str:
    """The second and last question: what did not hold of the first answer."""
    told = "\n".join(f"- {reason}" for reason in reasons)
    return redact(
        "Code checked your answer against the evidence. These claims did not hold:\n"
        f"{told}\n"
        "Answer once more with corrected claims in their place only: leave out what the evidence does not "
        "show, and quote lines character by character. An empty list is a good answer."
    )
