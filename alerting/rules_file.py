"""A file of Prometheus rules, as far as the platform uses the format: an unknown key is a mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from alerting.durations import to_milliseconds
from alerting.promql import require_plain_durations
from homeostat.config import ConfigFile, Document, load

RULES = Path("alerting/rules")
SEVERITIES = ("critical", "warning", "none")


def _duration(text: str) -> str:
    to_milliseconds(text)
    return text


Duration = Annotated[str, AfterValidator(_duration)]


class Rule(Document):
    """A recording rule or an alert."""

    expr: Annotated[str, Field(min_length=1), AfterValidator(require_plain_durations)]
    record: str | None = None
    alert: str | None = None
    wait: Duration | None = Field(default=None, alias="for")
    keep_firing_for: Duration | None = None
    labels: Mapping[str, str] = Field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = Field(default_factory=dict[str, str])

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        if (self.record is None) == (self.alert is None):
            raise ValueError("a rule must have either 'record' or 'alert'")
        if self.alert and self.labels.get("severity") not in SEVERITIES:
            raise ValueError(f"the alert {self.alert} must have a label severity: {', '.join(SEVERITIES)}")
        if self.alert and not {"summary", "description", "runbook_url"} <= set(self.annotations):
            raise ValueError(
                f"the alert {self.alert} must have the annotations summary, description and runbook_url"
            )
        return self


class Group(Document):
    """Rules that are evaluated together, in order."""

    name: str
    interval: Duration | None = None
    rules: tuple[Rule, ...] = Field(min_length=1)


class RulesFile(Document):
    """The whole file."""

    groups: tuple[Group, ...] = Field(min_length=1)

    @property
    def alerts(self) -> Iterable[Rule]:
        """Its alerts, without its recording rules."""
        return (rule for group in self.groups for rule in group.rules if rule.alert)

    def content(self) -> Mapping[str, Any]:
        """What Prometheus reads."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)


def load_rules(path: Path) -> RulesFile:
    """Read one file of rules.

    Raises:
        ConfigError: with one sentence for every mistake in the file.
    """
    return load(path, RulesFile)


def rule_files(root: Path) -> Mapping[str, RulesFile]:
    """Every file of rules in the repository at ``root``, by its file name.

    Raises:
        ConfigError: with one sentence for every mistake in the first file that has any.
    """
    return {path.name: load_rules(path) for path in sorted((root / RULES).glob("*.yaml"))}


def config_files(root: Path) -> Iterable[ConfigFile]:
    """The files of rules, for ``homeostat config check``."""
    for path in sorted((root / RULES).glob("*.yaml")):
        yield ConfigFile(path, load_rules)
