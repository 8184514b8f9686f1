"""The service that this room wants to run: webhooks, worker and reports in one process."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from homeostat.service import Launch, Service, Site

#: four scrapes, as far as the alert rules' own ranges are shortened
_RATE_WINDOW_SECONDS = 60.0
_SHORTEST_RATE_WINDOW_SECONDS = 10.0
_LOOKBACK_SECONDS = 1_800.0
_SHORTEST_LOOKBACK_SECONDS = 600.0
#: five heartbeats, as far as Alertmanager's intervals are shortened; a busy machine may lose some
_PATIENCE_SECONDS = 300.0
_SHORTEST_PATIENCE_SECONDS = 60.0


def services(site: Site) -> Iterable[Service]:
    """Triage itself. It needs nobody: a source that is down is evidence, and no alert may wait for it."""
    del site
    yield Service(
        name="triage",
        launch=launch,
        default_port=8090,
        health_path="/healthz",
        metrics_path="/metrics",
        labels={"tier": "platform"},
    )


def launch(site: Site) -> Launch:
    """Start triage with its own database; a language model's key comes with the user's environment."""
    # the file belongs to the site; asking for the secret makes it
    site.secret("triage-webhook")
    window = max(_SHORTEST_RATE_WINDOW_SECONDS, _RATE_WINDOW_SECONDS / site.alert_time_divisor)
    lookback = max(_SHORTEST_LOOKBACK_SECONDS, _LOOKBACK_SECONDS / site.alert_time_divisor)
    patience = max(_SHORTEST_PATIENCE_SECONDS, _PATIENCE_SECONDS / site.alert_time_divisor)
    return Launch(
        argv=(sys.executable, "-m", "triage"),
        env={
            "TRIAGE_PORT": str(site.port("triage")),
            "TRIAGE_TOKEN_FILE": str(site.state / "secrets" / "triage-webhook"),
            "TRIAGE_DATABASE_URL": f"sqlite:///{site.directory('triage') / 'triage.db'}",
            "TRIAGE_REPORTS": str(site.state / "reports"),
            "TRIAGE_LOGS": str(site.logs),
            "TRIAGE_FORGE": str(site.state / "forge" / "homeostat.git"),
            "TRIAGE_PROMETHEUS_URL": site.url("prometheus"),
            "TRIAGE_MLFLOW_URL": site.url("mlflow"),
            "TRIAGE_RETRAINING": "forge",
            "TRIAGE_LOOKBACK_SECONDS": f"{lookback:g}",
            "TRIAGE_HEARTBEAT_PATIENCE_SECONDS": f"{patience:g}",
            "TRIAGE_RATE_WINDOW_SECONDS": f"{window:g}",
        },
    )
