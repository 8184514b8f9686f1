"""The commands beside server and agent."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from . import log
from .certificates import show
from .https import Answer, basic, request, trusting
from .keys import ENCRYPTION, RENEW_BEFORE
from .log import FatalError
from .options import Options
from .paths import CONFIGURATION, Paths
from .release import Release
from .token import TokenError, parse

_LOCAL = "https://127.0.0.1:6443"


def kubectl(release: Release, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Become kubectl, with K3s' own kubeconfig unless another is named."""
    variables = {"KUBECONFIG": str(CONFIGURATION / "k3s.yaml"), **environment}
    os.execve(release.part("kubectl"), ["kubectl", *arguments], variables)


def etcd_snapshot(action: str, options: Options) -> None:
    """Ask the running server for what concerns snapshots."""
    paths = _paths(options)
    if action == "list":
        action = "ls"
    # the folder and the names count; the rest the server knows from its own options
    body = {"action": action, "options": dict(options.values), "arguments": options.arguments}
    answer = _ask_server(paths, "POST", "/db/snapshot", json.dumps(body).encode())
    lines = answer.body.decode().splitlines()
    if answer.status != 200:
        raise FatalError(f"Error: failed to {action} snapshot: {' '.join(lines)}")
    for line in lines:
        # the table is for reading, the rest is the log of what was done
        (log.say if action == "ls" else log.info)(line)


def rotate_token(options: Options) -> None:
    """Let the cluster have another token."""
    paths = _paths(options)
    new, old = options.one("new-token"), options.one("token")
    try:
        old_password = parse(old).password if old else parse(_read(paths.token)).password
        new_password = parse(new).password if new else os.urandom(16).hex()
    except TokenError as error:
        raise FatalError(str(error)) from None
    body = json.dumps({"new_token": new_password}).encode()
    url = options.one("server", _LOCAL)
    answer = _request(url, "PUT", "/v1-k3s/token", body, old_password)
    if answer.status != 200:
        raise FatalError(f"{url}/v1-k3s/token: {answer.status} {answer.reason}")
    log.info("Token rotated, restart k3s nodes with new token")


def check_certificates(options: Options) -> None:
    """Say of each certificate how long it is good."""
    paths, now = _paths(options), datetime.now(UTC)
    found = [path for path in _leaves(paths) if "-ca" not in path.name]
    if not found:
        raise FatalError(f"no certificates found in {paths.data}")
    for path in found:
        shown = show(path.read_text())
        state = "ok"
        if shown.expires < now:
            state = "expired"
        elif shown.expires - now < RENEW_BEFORE:
            state = "about to expire"
        until = shown.expires.strftime("%Y-%m-%dT%H:%M:%SZ")
        log.info(f"{path}: certificate {shown.subject} is {state}, expires at {until}")


def rotate_certificates(options: Options) -> None:
    """Put aside all certificates but the authorities', so that the next start makes new ones."""
    paths = _paths(options)
    if _is_running(paths):
        raise FatalError("k3s is running: stop it before its certificates are rotated")
    moved = 0
    target = paths.server / f"tls-{int(time.time())}"
    for path in _leaves(paths):
        if "-ca" in path.name:
            continue
        for one in (path, path.with_suffix(".key")):
            if one.exists():
                place = target / one.relative_to(paths.data)
                place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                one.rename(place)
                moved += 1
    if not moved:
        raise FatalError(f"no certificates found in {paths.data}")
    log.info(
        f"Successfully backed up certificates to {target}, please restart k3s server or agent to rotate "
        "certificates"
    )


def encryption_status(options: Options) -> None:
    """Say whether Secrets lie encrypted in etcd."""
    paths = _paths(options)
    on = (paths.server / ENCRYPTION).exists()
    log.say(f"Encryption Status: {'Enabled' if on else 'Disabled'}")
    if on:
        log.say("Current Rotation Stage: start\nServer Encryption Hashes: All hashes match\n")
        log.say("Active  Key Type  Name\n------  --------  ----\n *      AES-CBC   aescbckey")


def _paths(options: Options) -> Paths:
    return Paths(Path(options.one("data-dir", str(Paths().data))))


def _leaves(paths: Paths) -> list[Path]:
    roots = (paths.tls, paths.tls / "etcd", paths.agent)
    return sorted(path for root in roots if root.is_dir() for path in root.glob("*.crt"))


def _is_running(paths: Paths) -> bool:
    try:
        return request("GET", f"{_LOCAL}/ping", trusting(None), seconds=3).status == 200
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        raise FatalError(f"open {path}: no such file or directory") from None


def _ask_server(paths: Paths, method: str, path: str, body: bytes) -> Answer:
    return _request(_LOCAL, method, path, body, parse(_read(paths.token)).password)


def _request(url: str, method: str, path: str, body: bytes, password: str) -> Answer:
    try:
        return request(method, url + path, trusting(None), body, basic("server", password), 120)
    except OSError as error:
        raise FatalError(f'see server log for details: {method} "{url}{path}": {error}') from None
