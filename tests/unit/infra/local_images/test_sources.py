"""A build learns from the machine where packages are, and takes nothing else from it."""

from __future__ import annotations

import stat

from infra.local.images.access import pip_configuration, write_secrets
from infra.local.images.debian_sources import Source, chosen_sources

TARGETS = """\
http://mirror.invalid/debian/ Debian main
http://mirror.invalid/debian/ Debian contrib
http://security.invalid/debian-security/ Debian-Security main
https://other.invalid/apt/ Other main
"""


def test_debian_comes_from_where_apt_gets_it():
    assert chosen_sources(TARGETS) == (
        Source("http://mirror.invalid/debian", "bookworm"),
        Source("http://mirror.invalid/debian", "bookworm-updates"),
        Source("http://security.invalid/debian-security", "bookworm-security"),
    )


def test_a_machine_that_is_no_debian_gives_no_source():
    assert chosen_sources("http://mirror.invalid/ubuntu/ Ubuntu main\n") == ()


def test_the_environment_overrules_pips_files_and_folders_of_the_machine_stay_out(tmp_path):
    (tmp_path / "first").write_text("[global]\nindex-url = https://first.invalid\nfind-links = /opt/wheels\n")
    (tmp_path / "second").write_text("[install]\ntimeout = 7\n")
    files = [tmp_path / "first", tmp_path / "second", tmp_path / "missing"]
    text = pip_configuration(files, {"PIP_INDEX_URL": "https://second.invalid", "PIP_FIND_LINKS": "/x"})
    assert text.split() == [
        "[global]", "index-url", "=", "https://second.invalid", "timeout", "=", "7",
        "cert", "=", "/run/secrets/certificates",
    ]  # fmt: skip


def test_an_address_with_a_percent_sign_is_kept(tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://a%40b:c@mirror.invalid\n")
    assert "a%40b:c@" in pip_configuration([tmp_path / "pip.conf"], {})


def test_secrets_are_readable_by_their_owner_alone(tmp_path):
    certificates = tmp_path / "trusted.crt"
    certificates.write_text("a certificate\n")
    written = write_secrets(tmp_path / "secrets", [], {"PIP_CERT": str(certificates)})
    assert written["certificates"].read_text() == "a certificate\n"
    assert {stat.S_IMODE(path.stat().st_mode) for path in written.values()} == {0o600}
