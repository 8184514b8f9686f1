"""The shipped rules with their durations divided: the same thresholds, sooner."""

from __future__ import annotations

from typing import Any

from alerting.pace import Pace
from alerting.promql import rewrite_durations
from alerting.rules_file import Group, Rule, RulesFile


def divide_durations(rules: RulesFile, pace: Pace) -> RulesFile:
    """The rules at ``pace``; a divisor of 1 gives equal rules.

    Ranges, offsets, ``for``, ``keep_firing_for`` and the groups' intervals change; labels, annotations and
    every string inside an expression do not.
    """
    groups = tuple(_group(group, pace) for group in rules.groups)
    return rules.model_copy(update={"groups": groups})


def _group(group: Group, pace: Pace) -> Group:
    update: dict[str, Any] = {"rules": tuple(_rule(rule, pace) for rule in group.rules)}
    if group.interval:
        update["interval"] = pace.evaluation(group.interval)
    return group.model_copy(update=update)


def _rule(rule: Rule, pace: Pace) -> Rule:
    update: dict[str, Any] = {"expr": rewrite_durations(rule.expr, span=pace.span, step=pace.evaluation)}
    if rule.wait:
        update["wait"] = pace.hold(rule.wait)
    if rule.keep_firing_for:
        update["keep_firing_for"] = pace.hold(rule.keep_firing_for)
    return rule.model_copy(update=update)
