"""The real Traefik on loopback with the homelab's routes, the real check of keys, and stand-ins behind."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from infra.process.state.ports import LOOPBACK, any_free_port
from serving.api_keys.keys import hash_of
from tests.apiserver import await_
from tests.contract.platform_manifests.postgresql import ROOT
from tests.programs import find

DOMAIN = "homelab.test"
MODEL = "phishing_detector"
USER, PASSWORD = "owner", "s3cret: with spaces"
KEYS = {"shop": "hs_of-the-shop", "bank": "hs_of-the-bank"}
CONFIG = ROOT / "manifests/ingress/base/config"
HOMELAB = ROOT / "manifests/ingress/overlays/homelab/config"
_ADDRESS = re.compile(r"http://(?:[a-z-]|{{[^}]*}})+\.[a-z-]+(?::[0-9]+)?")


@dataclass(slots=True)
class Proxy:
    """A running Traefik: its ports, what stands behind it, and the folder of its routes."""

    web: int
    websecure: int
    api: int
    folder: Path
    key_check: subprocess.Popen
    #: what was written in the routes -> where it leads here
    addresses: Mapping[str, str] = field(default_factory=dict)

    def ask(self, host: str, path: str = "/", method: str = "GET", **kwargs: object) -> httpx.Response:
        """Ask for ``path`` at ``host`` over TLS."""
        with httpx.Client(verify=False, trust_env=False, timeout=30) as client:
            url = f"https://{LOOPBACK}:{self.websecure}{path}"
            headers = {"Host": host, **kwargs.pop("headers", {})}
            return client.request(method, url, headers=headers, extensions={"sni_hostname": host}, **kwargs)

    def routers(self) -> list[dict]:
        """Every router that Traefik has from its files; none until it has read them."""
        url = f"http://{LOOPBACK}:{self.api}/api/http/routers?per_page=100"
        answer = httpx.get(url, trust_env=False)
        return (
            [router for router in answer.json() if router["provider"] == "file"] if answer.is_success else []
        )


@contextmanager
def proxy(folder: Path) -> Iterator[Proxy]:
    """Run it all until the block ends."""
    with _key_check(folder) as (key_port, key_check), _behind(folder, key_port) as addresses:
        (folder / "users").write_text(
            f"{USER}:{{SHA}}{base64.b64encode(sha1(PASSWORD.encode()).digest()).decode()}\n"
        )
        running = Proxy(any_free_port(), any_free_port(), any_free_port(), folder, key_check, addresses)
        publish(running, first=True)
        environment = {
            "PATH": os.environ["PATH"],
            "DOMAIN": DOMAIN,
            "PUBLISHED_MODELS": MODEL,
            "CERTIFICATE": str(folder / "routes" / "certificate"),
        }
        log = folder / "traefik.log"
        with log.open("wb") as stream:
            traefik = subprocess.Popen(
                [find("go", "traefik"), f"--configFile={_static(running)}"],
                env=environment,
                stdout=stream,
                stderr=stream,
            )

        def ready() -> bool:
            assert traefik.poll() is None, log.read_text()
            try:
                return len(running.routers()) > 0
            except httpx.TransportError:
                return False

        try:
            await_("Traefik has its routes", ready)
            yield running
        finally:
            traefik.terminate()
            traefik.wait(timeout=60)


def publish(running: Proxy, *, first: bool = False) -> None:
    """Lay routes and a new certificate as the kubelet does: a dated folder, and a link that moves to it."""
    routes = running.folder / "routes"
    routes.mkdir(exist_ok=True)
    made = sorted(path for path in routes.iterdir() if path.name.startswith("..2"))
    dated = routes / f"..2026_{len(made):02}"
    for part in ("http", "certificate"):
        (dated / part).mkdir(parents=True)
    for source in (CONFIG / "routes.yaml.tmpl", HOMELAB / "homelab.yaml.tmpl"):
        (dated / "http" / source.stem).write_text(_here(source.read_text(), running))
    _certify(dated / "certificate")
    (routes / "..data_tmp").symlink_to(dated.name)
    (routes / "..data_tmp").rename(routes / "..data")
    if first:
        for part in ("http", "certificate"):
            (routes / part).symlink_to(f"..data/{part}")
    for old in made:
        subprocess.run(["rm", "-r", old], check=True)


def _here(text: str, running: Proxy) -> str:
    text = text.replace("/users/users", str(running.folder / "users"))
    return _ADDRESS.sub(lambda match: running.addresses[match[0]], text)


def _static(running: Proxy) -> Path:
    text = (CONFIG / "traefik.yaml").read_text()
    ports = {":8080": running.web, ":8443": running.websecure, ":8082": any_free_port()}
    for port, here in ports.items():
        assert f"address: {port}\n" in text
        text = text.replace(f"address: {port}\n", f"address: {LOOPBACK}:{here}\n")
    text = text.replace("directory: /routes", f"directory: {running.folder / 'routes'}")
    # to ask it for its routers, which nobody may do in a cluster
    text = text.replace(
        "entryPoints:\n", f"entryPoints:\n  traefik: {{address: '{LOOPBACK}:{running.api}'}}\n", 1
    )
    path = running.folder / "traefik.yaml"
    path.write_text(f"{text}api: {{insecure: true}}\n")
    return path


def _certify(folder: Path) -> None:
    subject = ["-subj", "/CN=homeostat", "-addext", f"subjectAltName=DNS:*.{DOMAIN}"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    out = ["-keyout", folder / "tls.key", "-out", folder / "tls.crt"]
    subprocess.run(
        ["openssl", "req", "-x509", "-days", "2", *key, *subject, *out], check=True, capture_output=True
    )


@contextmanager
def _key_check(folder: Path) -> Iterator[tuple[int, subprocess.Popen]]:
    port, keys = any_free_port(), folder / "keys"
    keys.write_text("".join(f"{name}:{hash_of(key)}\n" for name, key in KEYS.items()))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "serving.api_keys",
            "serve",
            "--keys",
            keys,
            "--host",
            LOOPBACK,
            "--port",
            str(port),
        ],
        stdout=subprocess.DEVNULL,
    )

    def listens() -> bool:
        try:
            return httpx.get(f"http://{LOOPBACK}:{port}/healthz", trust_env=False).is_success
        except httpx.TransportError:
            return False

    try:
        await_("API keys are checked", listens)
        yield port, process
    finally:
        process.kill()
        process.wait(timeout=30)


@contextmanager
def _behind(folder: Path, key_port: int) -> Iterator[Mapping[str, str]]:
    """A server that says its own name and what it was sent, for each address in the routes."""
    text = (CONFIG / "routes.yaml.tmpl").read_text() + (HOMELAB / "homelab.yaml.tmpl").read_text()
    servers = {
        address: _Echo(address) for address in set(_ADDRESS.findall(text)) if "api-keys" not in address
    }
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    here = {address: f"http://{LOOPBACK}:{server.server_port}" for address, server in servers.items()}
    try:
        yield {**here, "http://api-keys.ingress:8091": f"http://{LOOPBACK}:{key_port}"}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


class _Echo(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__((LOOPBACK, 0), _Say)
        self.said = name


class _Say(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.dumps({"server": self.server.said, "path": self.path, "headers": headers}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name that the base class asks for

    def log_message(self, *_: object) -> None:
        """Silence."""
