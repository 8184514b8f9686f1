"""Prometheus and Alertmanager as services: the room's composition root at a site."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from homeostat.service import Launch, Service, Site

#: the secret that opens triage's webhooks
WEBHOOK_SECRET = "triage-webhook"  # noqa: S105 - the name of the secret, not the secret

# A month and a day: the longest baseline that anything compares with is 30 days.
_RETENTION_TIME = "31d"
_RETENTION_SIZE = "2GB"


def services(site: Site) -> Iterable[Service]:
    """Prometheus, and Alertmanager, which needs triage to tell."""
    del site
    return (
        Service(
            name="prometheus",
            launch=_launch_prometheus,
            default_port=9090,
            health_path="/-/ready",
            metrics_path="/metrics",
        ),
        Service(
            name="alertmanager",
            launch=_launch_alertmanager,
            default_port=9093,
            health_path="/-/ready",
            needs=("triage",),
            metrics_path="/metrics",
        ),
    )


def _launch_prometheus(site: Site) -> Launch:
    from alerting.pace import Pace  # noqa: PLC0415 - declaring the service stays cheap
    from alerting.rendering import render_prometheus  # noqa: PLC0415

    folder = site.directory("prometheus")
    config = render_prometheus(
        root=site.root,
        folder=folder,
        targets=site.scrape_targets,
        alertmanager=_authority(site, "alertmanager"),
        pace=Pace(site.alert_time_divisor),
    )
    return Launch(
        argv=(
            str(site.program("prometheus")),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--storage.tsdb.retention.time={_RETENTION_TIME}",
            f"--storage.tsdb.retention.size={_RETENTION_SIZE}",
            f"--web.listen-address={_authority(site, 'prometheus')}",
            f"--web.external-url={site.url('prometheus')}",
            "--log.format=json",
        )
    )


def _launch_alertmanager(site: Site) -> Launch:
    from alerting.alertmanager import Webhooks  # noqa: PLC0415 - declaring the service stays cheap
    from alerting.pace import Pace  # noqa: PLC0415
    from alerting.rendering import render_alertmanager  # noqa: PLC0415

    folder = site.directory("alertmanager")
    site.secret(WEBHOOK_SECRET)  # makes the file that Alertmanager reads
    triage = site.url("triage")
    webhooks = Webhooks(
        alerts=f"{triage}/webhooks/alertmanager",
        heartbeat=f"{triage}/webhooks/heartbeat",
        token_file=site.state / "secrets" / WEBHOOK_SECRET,
    )
    config = render_alertmanager(folder, webhooks, Pace(site.alert_time_divisor))
    return Launch(
        argv=(
            str(site.program("alertmanager")),
            f"--config.file={config}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address={_authority(site, 'alertmanager')}",
            f"--web.external-url={site.url('alertmanager')}",
            "--cluster.listen-address=",  # alone: no gossip, no second port
            "--log.format=json",
        )
    )


def _authority(site: Site, service: str) -> str:
    """host:port of the service."""
    return urlsplit(site.url(service)).netloc
