"""Tokens, sealed text and certificates of the stand-in for K3s."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.homelab.k3s_stand_in.k3s import certificates, sealed, token
from tests.homelab.k3s_stand_in.k3s.schedule import matches

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def test_a_full_token_is_held_against_the_authority() -> None:
    whole = token.Token("secret", "server", token.ca_hash(b"authority"))
    parsed = token.parse(f"{whole}\n")
    assert parsed == whole
    parsed.verify(b"authority")
    with pytest.raises(
        token.TokenError, match="token CA hash does not match the Cluster CA certificate hash"
    ):
        parsed.verify(b"another")


def test_a_bare_password_trusts_any_authority() -> None:
    token.parse("secret").verify(b"any")


@pytest.mark.parametrize("text", ["", "K10abc::server:x", f"K10{'0' * 64}::server:"])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(token.TokenError):
        token.parse(text)


@settings(max_examples=20)
@given(st.binary(max_size=200), st.text(max_size=10))
def test_sealed_text_opens_with_its_token(content: bytes, password: str) -> None:
    assert sealed.unseal(sealed.seal(content, password), password) == content


def test_sealed_text_does_not_open_with_another_token() -> None:
    with pytest.raises(sealed.WrongTokenError, match="encrypted with different token"):
        sealed.unseal(sealed.seal(b"keys", "one"), "another")


def test_certificates_are_what_a_library_reads_and_verifies() -> None:
    ca = certificates.authority("k3s-server-ca@1", NOW)
    pair = certificates.issue(ca, "kube-apiserver", NOW, ("system:masters",), ("10.0.0.1", "host"))
    read, signer = (
        x509.load_pem_x509_certificate(text.encode()) for text in (pair.certificate, ca.certificate)
    )
    read.verify_directly_issued_by(signer)
    key = load_pem_private_key(pair.key.encode(), None)
    assert key.public_key() == read.public_key()
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == ["10.0.0.1", "host"]
    assert read.not_valid_after_utc == NOW + timedelta(days=365)


def test_a_certificate_says_of_itself_what_was_put_in() -> None:
    ca = certificates.authority("ca", NOW)
    pair = certificates.issue(ca, "client", NOW, ("group",), ("::1", "a.b"))
    shown = certificates.show(pair.certificate)
    assert shown == certificates.Shown(
        "CN=client,O=group", "CN=ca", NOW + timedelta(days=365), ("::1", "a.b")
    )


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("* * * * *", True),
        ("0 */12 * * *", False),
        ("2 3 4 5 *", True),
        ("*/2 1-5 * * 1", True),
        ("3 * * * *", False),
    ],
)
def test_cron_names_minutes(expression: str, due: bool) -> None:
    # 4 May 2026 is a Monday
    assert matches(expression, NOW) is due
