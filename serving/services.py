"""The services that this room wants to run: one model server for each release that is deployed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from homeostat.release import Release, read_release
from homeostat.service import Launch, Service, Site

DEFAULT_PORT = 8100


def services(site: Site) -> Iterable[Service]:
    """One service for each ``models/<model>/release.yaml`` of the deployed manifests.

    Raises:
        ConfigError: when a release says something that it may not.
    """
    for path in sorted((site.manifests / "models").glob("*/release.yaml")):
        yield _service(read_release(path), path)


def _service(release: Release, path: Path) -> Service:
    name = f"model-{release.model}"

    def launch(site: Site) -> Launch:
        return _launch(site, name, release, path)

    return Service(
        name=name,
        launch=launch,
        default_port=DEFAULT_PORT,
        health_path="/v2/health/ready",
        revision=f"{release.bento_digest}-v{release.version}",
        inherits_socket=True,
        essential=False,
        metrics_path="/metrics",
        labels={"model": release.model, "tier": "model-server"},
    )


def _launch(site: Site, name: str, release: Release, path: Path) -> Launch:
    """Verify the packaged bento and start the code that it holds.

    Raises:
        BundleError: when the store does not have the bento.
        WrongDigest: when it is not the one that was gated.
    """
    from serving.bento_layout import source_directory, verify_bento  # noqa: PLC0415 - keeps the CLI's start light

    bento = site.state / "store" / "bentos" / release.bento_digest
    # Here too, since the server that verifies itself below is part of what is verified.
    verify_bento(bento, release.bento_digest)
    argv = (sys.executable, "-m", "serving", "--release", str(path), "--bento", str(bento))
    return Launch((*argv, "--port", str(site.port(name))), _environment(site, name, source_directory(bento)))


def _environment(site: Site, name: str, source: Path) -> Mapping[str, str]:
    return {
        # The packaged sources serve, not the checkout's: a rollback brings its code back with its model.
        "PYTHONPATH": str(source),
        # Compiled files inside of the bento would change its digest.
        "PYTHONDONTWRITEBYTECODE": "1",
        # Not one for each CPU of a laptop that does other things too; two, so that one may die unnoticed.
        "HOMEOSTAT_SERVING_WORKERS": "2",
        "BENTOML_HOME": str(site.directory(name) / "bentoml"),
        "HOMEOSTAT_FAULTS_FILE": str(site.directory(name) / "faults.json"),
    }
