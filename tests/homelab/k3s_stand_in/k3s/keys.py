"""A server's authorities and certificates, in K3s' files."""

from __future__ import annotations

import ipaddress
import secrets
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path

from .addresses import API_ADDRESS
from .certificates import Pair, authority, issue, new_key_pem, public_key_pem, show
from .machine import Machine
from .options import Options
from .paths import Paths, write

AUTHORITIES = ("server-ca", "client-ca", "request-header-ca", "etcd/server-ca", "etcd/peer-ca")
ENCRYPTION = "cred/encryption-config.json"
#: what is closer to its end than this is renewed at the next start
RENEW_BEFORE = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A certificate that an authority signs."""

    file: str
    ca: str
    name: str
    organisations: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()


def bootstrap_files(paths: Paths) -> list[Path]:
    """What all servers of a cluster share."""
    pairs = [f"tls/{name}{suffix}" for name in AUTHORITIES for suffix in (".crt", ".key")]
    return [paths.server / name for name in (*pairs, "tls/service.key", ENCRYPTION)]


def make_authorities(paths: Paths, *, encrypt_secrets: bool) -> None:
    """Make what a cluster has once, unless it is there."""
    now = datetime.now(UTC)
    for name in AUTHORITIES:
        if not (paths.tls / f"{name}.key").exists():
            label = name.replace("/", "-") if "/" in name else f"k3s-{name}"
            _write_pair(paths.tls / name, authority(f"{label}@{int(now.timestamp())}", now))
    if not (paths.tls / "service.key").exists():
        write(paths.tls / "service.key", new_key_pem())
    if encrypt_secrets and not (paths.server / ENCRYPTION).exists():
        write(paths.server / ENCRYPTION, _encryption())


def issue_leaves(paths: Paths, leaves: Iterable[Leaf]) -> None:
    """Make each certificate unless a good one is there."""
    for leaf in leaves:
        issue_leaf(paths, leaf)
    write(paths.tls / "service.pub", public_key_pem((paths.tls / "service.key").read_text()))


def issue_leaf(paths: Paths, leaf: Leaf) -> None:
    """Make one certificate unless a good one is there."""
    path, ca = paths.server / leaf.file, read_pair(paths.tls / leaf.ca)
    now = datetime.now(UTC)
    if path.with_suffix(".crt").exists() and path.with_suffix(".key").exists():
        there = show(path.with_suffix(".crt").read_text())
        signed = there.issuer == show(ca.certificate).subject
        if signed and there.expires - now > RENEW_BEFORE and there.names == tuple(sorted(set(leaf.serves))):
            return
    pair = issue(ca, leaf.name, now, leaf.organisations, leaf.serves)
    # servers show the chain up to the authority, as joiners that know only its hash expect
    _write_pair(path, Pair(pair.certificate + (ca.certificate if leaf.serves else ""), pair.key))


def read_pair(path: Path) -> Pair:
    """A certificate and its key."""
    return Pair(path.with_suffix(".crt").read_text(), path.with_suffix(".key").read_text())


def server_leaves(options: Options, machine: Machine) -> Sequence[Leaf]:
    """All certificates of a server."""
    service = str(next(ipaddress.ip_network(options.one("service-cidr", "10.43.0.0/16")).hosts()))
    local = ("127.0.0.1", "::1", "localhost", machine.name, machine.address)
    kubernetes = tuple(f"kubernetes{end}" for end in ("", ".default", ".default.svc"))
    names = (
        *local,
        API_ADDRESS,
        service,
        *kubernetes,
        "kubernetes.default.svc.cluster.local",
        *options.split("tls-san"),
    )
    masters = ("system:masters",)
    clients = {
        "client-admin": ("system:admin", masters),
        "client-kube-apiserver": ("system:apiserver", masters),
        "client-controller": ("system:kube-controller-manager", ()),
        "client-scheduler": ("system:kube-scheduler", ()),
        "client-supervisor": ("system:k3s-supervisor", masters),
    }
    return (
        *(Leaf(f"tls/{file}", "client-ca", name, groups) for file, (name, groups) in clients.items()),
        Leaf("tls/client-auth-proxy", "request-header-ca", "system:auth-proxy"),
        Leaf("tls/serving-kube-apiserver", "server-ca", "kube-apiserver", (), names),
        Leaf("tls/etcd/client", "etcd/server-ca", "etcd-client"),
        Leaf("tls/etcd/server-client", "etcd/server-ca", "etcd-server", (), local),
        Leaf("tls/etcd/peer-server-client", "etcd/peer-ca", "etcd-peer", (), local),
    )


def _write_pair(path: Path, pair: Pair) -> None:
    write(path.with_suffix(".key"), pair.key)
    write(path.with_suffix(".crt"), pair.certificate, 0o644)


def _encryption() -> str:
    key = {"name": "aescbckey", "secret": b64encode(secrets.token_bytes(32)).decode()}
    nothing: dict[str, object] = {}
    providers = [{"aescbc": {"keys": [key]}}, {"identity": nothing}]
    return dumps(
        {
            "kind": "EncryptionConfiguration",
            "apiVersion": "apiserver.config.k8s.io/v1",
            "resources": [{"resources": ["secrets"], "providers": providers}],
        }
    )
