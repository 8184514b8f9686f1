"""Alertmanager's configuration: what is told together, what is left unsaid, and who is told.

Everything goes to triage, which decides whom to wake. A model that is down explains that it is slow,
failing or unsure; a critical alert says all that its warning would. The Watchdog has a webhook of its own and
calls it again and again: its absence is the alarm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alerting.pace import Pace

#: symptoms of a model that ModelEndpointDown explains
SYMPTOMS = ("ModelConfidenceShift", "ModelErrorRateHigh", "ModelInferenceLatencyHigh")
#: the labels that say what an alert is about; those of one thing are told together
ABOUT = ("model", "namespace", "service", "application", "node", "persistentvolumeclaim")
#: alerts in one call; the receiver is told how many were left out
MAX_ALERTS = 100


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Where triage listens, and the file with the token that opens it."""

    alerts: str
    heartbeat: str
    token_file: Path


def alertmanager_config(webhooks: Webhooks, pace: Pace) -> Mapping[str, Any]:
    """The content of ``alertmanager.yml``, for Alertmanager 0.25 and later."""
    return {
        "global": {"resolve_timeout": pace.interval("5m")},
        "route": _route(pace),
        "inhibit_rules": _inhibitions(),
        "receivers": [
            _receiver("triage", webhooks.alerts, webhooks.token_file, send_resolved=True),
            _receiver("heartbeat", webhooks.heartbeat, webhooks.token_file, send_resolved=False),
        ],
    }


def _route(pace: Pace) -> Mapping[str, Any]:
    return {
        "receiver": "triage",
        "group_by": ["alertname", *ABOUT],
        "group_wait": pace.pause("15s"),
        "group_interval": pace.interval("1m"),
        "repeat_interval": pace.interval("4h"),
        "routes": [
            {
                "receiver": "heartbeat",
                "matchers": ['alertname="Watchdog"'],
                "group_wait": "0s",
                "group_interval": pace.interval("1m"),
                # shorter than the group's interval: an equal one is not yet over at the next turn, and every
                # second beat would be left out
                "repeat_interval": pace.pause("30s"),
            }
        ],
    }


def _inhibitions() -> Sequence[Mapping[str, Any]]:
    return [
        {
            "source_matchers": ['alertname="ModelEndpointDown"'],
            "target_matchers": [f'alertname=~"{"|".join(SYMPTOMS)}"'],
            "equal": ["model"],
        },
        {
            "source_matchers": ['severity="critical"'],
            "target_matchers": ['severity="warning"'],
            "equal": ["alertname", *ABOUT],
        },
    ]


def _receiver(name: str, url: str, token_file: Path, *, send_resolved: bool) -> Mapping[str, Any]:
    return {
        "name": name,
        "webhook_configs": [
            {
                "url": url,
                "send_resolved": send_resolved,
                "max_alerts": MAX_ALERTS,
                "http_config": {
                    "authorization": {"type": "Bearer", "credentials_file": str(token_file)},
                    # the token is for triage alone, wherever it may point us
                    "follow_redirects": False,
                },
            }
        ],
    }
