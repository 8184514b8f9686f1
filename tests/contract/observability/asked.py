"""What rules and dashboards ask for: every PromQL expression of the repository, and the metrics it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from alerting.dashboards.catalogue import BOARDS
from alerting.rules_file import rule_files
from tests.contract.overlays import ROOT

_KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "inf", "nan"}
_STRING = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_LABELS = re.compile(r"\{[^}]*\}|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_RANGE = re.compile(r"\[[^\]]*\]|\boffset\s+\S+")
_NAME = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")


def expressions() -> Mapping[str, str]:
    """Every expression, by where it stands."""
    found: dict[str, str] = {}
    for name, rules in rule_files(ROOT).items():
        for group in rules.groups:
            found |= {f"{name} {number}": rule.expr for number, rule in enumerate(group.rules)}
    for name, board in BOARDS.items():
        found |= {f"{name}.json {number}": expr for number, expr in enumerate(board.queries)}
    return found


def recorded() -> set[str]:
    """The metrics that rules make of others."""
    rules = (rule for file in rule_files(ROOT).values() for group in file.groups for rule in group.rules)
    return {rule.record for rule in rules if rule.record}


def metric_names(expression: str) -> set[str]:
    """The metrics that an expression selects; a test holds this against Prometheus's own parser."""
    bare = _RANGE.sub(" ", _LABELS.sub(" ", _STRING.sub('""', expression)))
    return {name for name in _NAME.findall(bare) if name.lower() not in _KEYWORDS}


def asked_names() -> set[str]:
    """All metrics that somebody must export."""
    return names_in(expressions().values()) - recorded()


def names_in(several: Iterable[str]) -> set[str]:
    """The metrics of several expressions."""
    return {name for expression in several for name in metric_names(expression)}
