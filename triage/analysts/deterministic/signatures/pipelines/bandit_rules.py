"""What each of Bandit's tests means here; the words are in ``bandit_rules.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_RUFF = re.compile(r"^S(?P<number>\d{3})$")


@dataclass(frozen=True, slots=True)
class BanditRule:
    """One test: the weakness, its risk in this context, the fix, and when it is a false positive."""

    explains: str
    risk: str
    fix: str
    harmless: str


_UNKNOWN = BanditRule(
    explains="",
    risk="How much it matters depends on whether what it touches comes from outside.",
    fix="Change the line as the rule's page says.",
    harmless="Whether it is a false positive can't be told from the log; read the line first.",
)


def rule_of(name: str) -> BanditRule:
    """What is known of a test, by Bandit's name or ruff's.

    >>> rule_of("S301") == rule_of("B301")
    True
    """
    found = _RUFF.match(name)
    return _rules().get(f"B{found['number']}" if found else name, _UNKNOWN)


@cache
def _rules() -> Mapping[str, BanditRule]:
    text = (files("triage.analysts.deterministic.signatures.pipelines") / "bandit_rules.toml").read_text(
        encoding="utf-8"
    )
    return {name: BanditRule(**told) for name, told in tomllib.loads(text).items()}
