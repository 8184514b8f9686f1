"""A real model, packed as a real bento, served by a real process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from homeostat.release import GateResult, Outcome, Release, to_yaml
from homeostat.service import LISTEN_FD_VARIABLE
from serving.bento import build_bento
from serving.bundle import BundleManifest, FeatureSpec, FeatureType, Task, save_bundle

START_SECONDS = 60.0


def fitted(features: int) -> object:
    rows = np.random.default_rng(7).normal(size=(200, features))
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, (rows[:, 0] > 0).astype(int))


@pytest.fixture(scope="session")
def manifest() -> BundleManifest:
    return BundleManifest(
        model="toy",
        task=Task.BINARY,
        features=(
            FeatureSpec(name="age", min=-10, max=10),
            FeatureSpec(name="visits", dtype=FeatureType.INTEGER),
            FeatureSpec(name="member", dtype=FeatureType.BOOLEAN),
        ),
        classes=("stays", "leaves"),
        positive_class="leaves",
        threshold=0.5,
        max_batch=8,
    )


@pytest.fixture(scope="session")
def estimator() -> object:
    return fitted(3)


@dataclass(frozen=True)
class Packed:
    """A bundle and its bento on disk, and the release that names them."""

    bundle: Path
    store: Path
    bento: Path
    release: Release
    release_file: Path


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Callable[[object, BundleManifest], Packed]:
    def make(model: object, described: BundleManifest) -> Packed:
        folder = tmp_path_factory.mktemp("packed")
        # hidden, as the platform's own state is
        bundle, store = folder / "bundle", folder / ".state" / "bentos"
        sha256 = save_bundle(bundle, model, described)
        digest = build_bento(bundle, store)
        release = Release(
            model=described.model,
            version=3,
            model_sha256=sha256,
            bento_digest=digest,
            run_id="0" * 32,
            data_sha256="1" * 64,
            inputs_digest="2" * 64,
            source_commit="a" * 40,
            gates=(GateResult(name="g", outcome=Outcome.PASSED, value=1.0, bound=0.0, sentence="Fine."),),
        )
        release_file = folder / "release.yaml"
        release_file.write_text(to_yaml(release))
        return Packed(bundle, store, store / digest, release, release_file)

    return make


@pytest.fixture(scope="session")
def packed(
    pack: Callable[[object, BundleManifest], Packed], manifest: BundleManifest, estimator: object
) -> Packed:
    return pack(estimator, manifest)


@dataclass
class Server:
    """A model server that was started on an inherited socket, and the supervisor's end of it."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    supervisor: socket.socket
    listener: socket.socket
    messages: list[str] = field(default_factory=list)

    def await_ready(self) -> None:
        self.supervisor.settimeout(0.5)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                self.messages.append(self.supervisor.recv(100).decode())
                return
            except TimeoutError:
                assert self.process.poll() is None, self.log.read_text()
        pytest.fail(f"not ready within {START_SECONDS} s: {self.log.read_text()}")

    def records(self, event: str) -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("event") == event]

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(START_SECONDS)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def run(
        packed: Packed,
        *,
        drain_seconds: float = 0.0,
        faults: Path | None = None,
        listener: socket.socket | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Server:
        listener = listener or socket.create_server(("127.0.0.1", 0))
        supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        supervisor.bind("")  # the kernel chooses an abstract name
        log = tmp_path_factory.mktemp("server") / "log"
        environment = os.environ | {
            "PYTHONPATH": str(packed.bento / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            LISTEN_FD_VARIABLE: str(listener.fileno()),
            "NOTIFY_SOCKET": "@" + supervisor.getsockname()[1:].decode(),
            **(settings or {}),
        }
        if faults:
            environment["HOMEOSTAT_FAULTS_FILE"] = str(faults)
        command = [sys.executable, "-m", "serving", "--release", str(packed.release_file)]
        command += ["--bento", str(packed.bento), "--drain-seconds", str(drain_seconds)]
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command,
                env=environment,
                cwd=log.parent,
                pass_fds=[listener.fileno()],
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        port = listener.getsockname()[1]
        server = Server(process, f"http://127.0.0.1:{port}", log, supervisor, listener)
        started.append(server)
        return server

    yield run
    for server in started:
        server.process.kill()
        server.process.wait()
        server.listener.close()
        server.supervisor.close()


@pytest.fixture(scope="session")
def faults_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "faults.json"


@pytest.fixture(scope="session")
def server(start: Callable[..., Server], packed: Packed, faults_file: Path) -> Server:
    running = start(packed, faults=faults_file)
    running.await_ready()
    return running


@pytest.fixture(scope="session")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client:
        yield client
