"""A program can't listen: its port is taken."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.signature import Signature

_TAKEN = re.compile(
    r"(?i)address already in use|\bEADDRINUSE\b|\bErrno 98\b|WinError 10048"
    r"|port (?P<named>\d+) (?:is )?(?:already )?(?:in use|allocated|taken)"
    r"|port is already allocated|only one usage of each socket address"
)
_PORT = re.compile(r"(?i)(?:port[ =:]+|[\]\w.*]:|'[\d.:]*', ?|::)(?P<port>\d{2,5})\b(?!:\d\d)")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a refused bind."""
    found = complaints(facts, _TAKEN)
    if not found:
        return None
    ports = [one.text("named") or _port(one.text("text")) for one in found]
    port = next((one for one in ports if one), "")
    return claimed(
        Claim(
            kind="port-in-use",
            title=f"Port {port + ' ' if port else ''}is already in use: {who(facts, found[0])} can't listen "
            "(address already in use)",
            explanation=(
                f"Another process holds the port{f' {port}' if port else ''}, so the program can't bind it "
                f"and ends "
                f"or does not serve. It said: {said(found[0])}"
            ),
            remediation=(
                Remedy(
                    text="See who listens there.",
                    command=f"ss -ltnp 'sport = :{port}'" if port else "ss -ltnp",
                ),
                look(facts, found[0]),
                Remedy(
                    text="Give one of the two another port in its configuration, or end the former process."
                ),
                history(facts),
            ),
        ),
        found,
    )


def _port(text: str) -> str:
    tail = [match.group("port") for match in _PORT.finditer(text)]
    return tail[-1] if tail else ""


SIGNATURE = Signature(
    kind="port-in-use", looks_for="a port that is already in use", symptoms=SYMPTOMS, judge=judge
)
