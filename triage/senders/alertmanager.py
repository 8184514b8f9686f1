"""Alertmanager's webhook, version 4: a foreign schema, so unknown keys pass and wrong types don't.

Everything textual is redacted here, at the door: nothing behind this file sees what an annotation leaked.
See https://prometheus.io/docs/alerting/latest/configuration/#webhook_config.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from homeostat.redaction import redact
from homeostat.sentences import sentences
from homeostat.yaml_text import read_yaml
from triage.alert import Alert, AlertBatch, AlertStatus
from triage.errors import InvalidPayload

#: far from the ends of what can be reckoned with; Alertmanager's "no end yet" is the year 1
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


#: when something began
Start = Annotated[AwareDatetime, Field(ge=_EARLIEST, lt=_LATEST)]


class ForeignAlert(BaseModel):
    """One element of ``alerts``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    status: AlertStatus
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = Field(default_factory=dict[str, str])
    starts_at: Start = Field(alias="startsAt")
    ends_at: AwareDatetime | None = Field(default=None, alias="endsAt")
    fingerprint: str = Field(min_length=1, max_length=128)


class Webhook(BaseModel):
    """The body of one call."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    version: Literal["4"]
    group_key: str = Field(alias="groupKey", min_length=1)
    truncated_alerts: int = Field(default=0, alias="truncatedAlerts", ge=0)
    alerts: tuple[ForeignAlert, ...] = Field(min_length=1)


def parse_webhook(body: bytes | str) -> AlertBatch:
    """Read one call's body.

    Raises:
        InvalidPayload: with a sentence for every field that is not what version 4 says.
    """
    try:
        return _redacted(Webhook.model_validate_json(body))
    except ValidationError as error:
        raise InvalidPayload("the webhook's body", _sentences(error)) from None


def load_webhook(path: Path) -> AlertBatch:
    """Read a call's body from a file, JSON or YAML.

    Raises:
        InvalidPayload: with a sentence for every field that is not what version 4 says.
        ConfigError: when the file can't be read at all.
    """
    try:
        return _redacted(Webhook.model_validate(read_yaml(path)))
    except ValidationError as error:
        raise InvalidPayload(path, _sentences(error)) from None


def _sentences(error: ValidationError) -> Sequence[str]:
    # a sentence quotes the offending value, which may be a secret in the wrong place
    return [redact(sentence) for sentence in sentences(error, Webhook)]


def _redacted(webhook: Webhook) -> AlertBatch:
    alerts = tuple(_alert(alert) for alert in webhook.alerts)
    return AlertBatch(redact(webhook.group_key), alerts, webhook.truncated_alerts)


def _alert(alert: ForeignAlert) -> Alert:
    resolved = alert.status is AlertStatus.RESOLVED
    return Alert(
        fingerprint=redact(alert.fingerprint),
        status=alert.status,
        starts_at=alert.starts_at,
        ends_at=alert.ends_at if resolved else None,
        labels={redact(name): _redacted_value(name, value) for name, value in alert.labels.items()},
        annotations={redact(name): _redacted_value(name, value) for name, value in alert.annotations.items()},
    )


def _redacted_value(name: str, value: str) -> str:
    """Redact ``value`` also when only its name gives it away, as in an annotation ``password``."""
    beside = redact(f"{name}={value}")
    prefix = f"{name}="
    return redact(value) if not beside.startswith(prefix) else beside[len(prefix) :]
