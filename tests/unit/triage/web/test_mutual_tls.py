"""Mutual TLS instead of the bearer token: real certificates, real handshakes, a real process."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from homeostat.errors import ConfigError
from tests.unit.triage.conftest import FakePrometheus, Running, wait_until
from tests.unit.triage.story import TOKEN, Story
from tests.unit.triage.test_crash import Process
from triage.settings import load_settings
from triage.web.client_certificate import check_tls_files


@dataclass
class Authority:
    """Signs certificates for servers and clients."""

    folder: Path
    name: str

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        builder = self._builder(self.subject, self.key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file = self.folder / f"{self.name}.crt"
        certificate = builder.sign(self.key, hashes.SHA256())
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *, expired: bool = False) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        usage = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = self._builder(subject, key, expired=expired)
        builder = builder.add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        files = self.folder / f"{self.name}-{name}.crt", self.folder / f"{self.name}-{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, expired: bool = False
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        end = now - dt.timedelta(hours=1) if expired else now + dt.timedelta(days=1)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=2))
            .not_valid_after(end)
        )


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


class Secured(Process):
    """``python -m triage`` that asks for client certificates, and has no token."""

    def __init__(self, state: Path, prometheus_url: str, authority: Authority) -> None:
        super().__init__(state, prometheus_url)
        del self.environment["TRIAGE_TOKEN_FILE"]
        certificate, key = authority.issue("server")
        self.environment["TRIAGE_TLS_CERT_FILE"] = str(certificate)
        self.environment["TRIAGE_TLS_KEY_FILE"] = str(key)
        self.environment["TRIAGE_CLIENT_CA_FILE"] = str(authority.file)
        self.client.close()
        self.authority = authority
        self.client = self.connect(authority.issue("probe"))

    def connect(self, shown: tuple[Path, Path] | None) -> httpx.Client:
        context = ssl.create_default_context(cafile=self.authority.file)
        if shown:
            context.load_cert_chain(*shown)
        return httpx.Client(base_url=f"https://127.0.0.1:{self.port}", verify=context, trust_env=False)


@pytest.fixture
def secured(tmp_path: Path, prometheus: FakePrometheus, ours: Authority) -> Iterator[Secured]:
    process = Secured(tmp_path, prometheus.url, ours)
    process.start()
    yield process
    process.kill()
    process.client.close()


@pytest.mark.timeout(120)
def test_only_a_certificate_of_the_authority_opens_the_door(
    secured: Secured, story: Story, tmp_path: Path, ours: Authority
) -> None:
    strangers = [
        None,
        Authority(tmp_path, "theirs").issue("client"),
        ours.issue("late", expired=True),
    ]
    for shown in strangers:
        with secured.connect(shown) as client, pytest.raises(httpx.TransportError):
            client.post(
                "/webhooks/alertmanager", json=story.payload(), headers={"authorization": f"Bearer {TOKEN}"}
            )
    with secured.connect(ours.issue("alertmanager")) as client:
        assert client.post("/webhooks/alertmanager", json=story.payload()).status_code == 202
        wait_until(lambda: len(client.get("/api/incidents").json()["incidents"]) == 1)


@pytest.mark.parametrize("shown", [{}, {"authorization": "Bearer"}, {"authorization": "Bearer x"}])
def test_without_a_token_no_bearer_is_right_where_nobody_shows_a_certificate(
    serve: Callable[..., Running], story: Story, shown: dict[str, str]
) -> None:
    # as if the server had been started without TLS: the door is shut, not open
    running = serve(token_file=None)
    url = f"{running.client.base_url}/webhooks/alertmanager"
    headers = {**shown, "x-forwarded-proto": "https", "x-client-certificate": "yes"}
    assert httpx.post(url, json=story.payload(), headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"TRIAGE_TLS_CERT_FILE": "a"}, "must be set together"),
        ({"TRIAGE_CLIENT_CA_FILE": "a"}, "TRIAGE_TLS_CERT_FILE and TRIAGE_TLS_KEY_FILE must be too"),
        ({}, "'token_file' is required"),
    ],
)
def test_half_of_it_is_refused_with_a_sentence(
    given: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = {"DATABASE_URL": "sqlite://", "REPORTS": "r", "FORGE": "f", "PROMETHEUS_URL": "http://p"}
    for name, value in {**{f"TRIAGE_{name}": value for name, value in base.items()}, **given}.items():
        monkeypatch.setenv(name, value)
    if "TRIAGE_TLS_CERT_FILE" in given:
        monkeypatch.setenv("TRIAGE_TOKEN_FILE", "t")
    with pytest.raises(ConfigError, match=sentence):
        load_settings()


def test_files_that_are_no_certificates_are_named(tmp_path: Path, ours: Authority) -> None:
    certificate, key = ours.issue("server")
    (tmp_path / "nonsense").write_text("nonsense")
    with pytest.raises(ConfigError, match="TRIAGE_TLS_CERT_FILE"):
        check_tls_files(tmp_path / "nonsense", key, None)
    with pytest.raises(ConfigError, match="TRIAGE_CLIENT_CA_FILE"):
        check_tls_files(certificate, key, tmp_path / "nonsense")
    check_tls_files(certificate, key, ours.file)
