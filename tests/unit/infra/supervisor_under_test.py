"""The real supervisor, run as a program, with services that the test describes in ``services.json``.

Every model in the deployed manifests is a service too: its ``release.yaml`` is the revision that it answers.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from homeostat.paths import repository_root, state_directory
from homeostat.service import Launch, Service, Site
from infra.process.site import open_site
from infra.process.supervision.pace import Pace
from infra.process.supervision.supervise import supervise

PROGRAM = Path(__file__).with_name("service_under_test.py")
PACE = Pace(
    start_seconds=20,
    look_seconds=0.1,
    settle_seconds=0.1,
    drain_seconds=5,
    first_rest_seconds=0.05,
    longest_rest_seconds=0.2,
)


def declare(site: Site) -> Mapping[str, Service]:
    described = json.loads((site.root / "services.json").read_text())
    releases = sorted(site.manifests.glob("models/*/release.yaml"))
    services = [
        *(_service(**description) for description in described),
        *(_model(release) for release in releases),
    ]
    return {service.name: service for service in services}


def _model(release: Path) -> Service:
    name, revision = release.parent.name, release.read_text().strip()
    # the process reads its release itself, as a model server does
    options = ["--release", str(release), *(["--broken"] if "broken" in revision else [])]
    port = int((revision.split("port=")[1:] or ["8100"])[0])
    return replace(
        _service(f"model-{name}", port, options, revision=revision, metrics_path="/metrics"),
        inherits_socket=True,
        essential=False,
        labels={"model": name, "tier": "model-server"},
    )


def _service(name: str, port: int | None = None, options: list[str] = (), **fields: object) -> Service:
    revision = str(fields.get("revision", ""))

    def launch(site: Site) -> Launch:
        listens = ["--port", str(site.port(name))] if port is not None else []
        return Launch((sys.executable, str(PROGRAM), *listens, "--revision", revision, *options))

    fields["needs"] = tuple(fields.get("needs", ()))
    return Service(name, launch, port, **fields)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--with-parent", type=int)
    root = repository_root()
    pace_file = root / "pace.json"
    pace = replace(PACE, **json.loads(pace_file.read_text())) if pace_file.exists() else PACE
    supervise(open_site(root, state_directory(root)), declare, pace, parser.parse_args().with_parent)
