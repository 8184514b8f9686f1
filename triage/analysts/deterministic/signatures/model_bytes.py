"""The model's bytes are not what was gated: another digest, cut short, or not readable at all."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.signature import Signature

_LINES = (
    re.compile(r"(?i)has the digest (?P<got>[0-9a-f:]+), but (?P<wanted>[0-9a-f:]+) was gated"),
    re.compile(
        r"(?i)(?:sha-?256|digest|checksum|hash)\b.{0,80}\b(?:mismatch|differs?\b|does(?: not|n't) match"
        r"|did not match|is wrong|not equal)"
    ),
    re.compile(
        r"(?i)(?:mismatch\w*|unexpected|wrong|bad|invalid|corrupt\w*) (?:\w+ ){0,2}(?:sha-?256|digest"
        r"|checksum)"
    ),
    re.compile(r"\bWrongDigest\b|expected (?:sha-?256|digest)\b"),
    re.compile(
        r"UnpicklingError|pickle data was truncated|invalid load key|PytorchStreamReader failed"
        r"|SafetensorError|HeaderTooLarge"
    ),
    re.compile(
        r"(?i)(?:model|bundle|artifact|weights|\.pkl|\.onnx|\.pt\b|\.bin\b).{0,80}\b(?:is |are "
        r"|was )?(?:corrupt(?:ed)?|truncated)\b"
    ),
    re.compile(
        r"(?i)error deserializing (?:the )?model|failed to (?:load|deserialize) (?:the )?model"
        r"|load model from \S+ failed|(?:model|pickle)\b.{0,40}\bincompatible (?:dtype|version)"
        r"|error loading (?:the )?(?:model|state_dict)"
    ),
    re.compile(
        r"InconsistentVersionWarning|Can't get attribute '\w+' on <module|unsupported pickle protocol"
    ),
)
_FILE = re.compile(r"(?P<file>[\w./-]*\b[\w-]+\.(?:pkl|joblib|onnx|pt|bin|safetensors|json|ubj))\b")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a refused or unreadable model."""
    found = complaints(facts, *_LINES, but=PULLING)
    if not found:
        return None
    files = (_FILE.search(one.text("text")) for one in found)
    file = next((match.group("file") for match in files if match), "")
    return claimed(
        Claim(
            kind="model-bytes",
            title=f"Model bytes are wrong (digest or checksum mismatch): {who(facts, found[0])} refuses "
            f"{file or 'the model'}",
            explanation=(
                "What was fetched is not byte for byte what the release names: overwritten in the store, "
                "cut short "
                f"in transfer, or a release that names another version. It said: {said(found[0])}"
            ),
            remediation=(
                look(facts, found[0]),
                Remedy(
                    text="Compare the release's digests with what is stored.",
                    command=f"homeostat delivery lineage {facts.model}",
                ),
                history(facts),
                Remedy(text="Roll back to the last release that served, and hand the version off anew."),
            ),
        ),
        found,
    )


SIGNATURE = Signature(
    kind="model-bytes",
    looks_for="model bytes that are not what was gated",
    symptoms=SYMPTOMS,
    judge=judge,
)
