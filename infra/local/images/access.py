"""How this machine reaches its package registries, lent to a build and to nothing that outlives it.

The owner of the machine told pip and apt where packages are and which certificates to trust. A build gets
that as secrets, which are mounted while a step runs: neither the image nor its history holds any of it.
"""

from __future__ import annotations

import configparser
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path

from infra.local.images.debian_sources import Source, sources_list
from infra.local.images.errors import ImageError

#: what may be said about where packages are; folders of this machine would mean nothing inside of a build
_PIP_OPTIONS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries")
#: where a step finds the certificates that this machine trusts: the place of every secret without another
CERTIFICATES = "/run/secrets/certificates"
_CERTIFICATE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_CERTIFICATES_HERE = Path("/etc/ssl/certs/ca-certificates.crt")
_APT_PREFIXES = ("Acquire::http", "Acquire::https", "Acquire::Retries")


def write_secrets(
    folder: Path, sources: Sequence[Source], environment: Mapping[str, str] = os.environ
) -> Mapping[str, Path]:
    """Write this machine's configuration below ``folder``; return the files by the ids of secrets.

    Raises:
        ImageError: when the machine trusts no certificates.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    certificates = _certificates(environment)
    texts = {
        "pip": pip_configuration(_pip_files(environment), environment),
        "apt-sources": sources_list(sources),
        "apt-configuration": apt_configuration(_apt_dump()),
        "certificates": certificates.read_text(encoding="utf-8"),
    }
    for name, text in texts.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}


def pip_configuration(files: Iterable[Path], environment: Mapping[str, str]) -> str:
    """One pip.conf of the machine's files, the later over the earlier, and of the environment over all.

    >>> print(pip_configuration([], {"PIP_INDEX_URL": "https://mirror.invalid/simple"}).strip())
    [global]
    index-url = https://mirror.invalid/simple
    cert = /run/secrets/certificates
    """
    read = configparser.ConfigParser(interpolation=None)
    read.read(files, encoding="utf-8")
    options = {
        option: read[section][option]
        for section in ("global", "install")
        if section in read
        for option in _PIP_OPTIONS
        if option in read[section]
    }
    for option in _PIP_OPTIONS:
        if value := environment.get(f"PIP_{option.replace('-', '_').upper()}"):
            options[option] = value
    written = configparser.ConfigParser(interpolation=None)
    written["global"] = {**options, "cert": CERTIFICATES}
    stream = StringIO()
    written.write(stream)
    return stream.getvalue()


def apt_configuration(dump: str) -> str:
    """The lines of ``apt-config dump`` that tell how apt reaches its mirrors: proxies and the like.

    >>> print(apt_configuration('Acquire::http::Proxy "http://proxy.invalid";'), end="")
    Acquire::http::Proxy "http://proxy.invalid";
    Acquire::https::CAInfo "/run/secrets/certificates";
    """
    lines = (line for line in dump.splitlines() if line.startswith(_APT_PREFIXES) and '""' not in line)
    ours = f'Acquire::https::CAInfo "{CERTIFICATES}";'
    return "".join(f"{line}\n" for line in (*(line for line in lines if "CAInfo" not in line), ours))


def _pip_files(environment: Mapping[str, str]) -> Sequence[Path]:
    home = Path(environment.get("HOME", "/root"))
    personal = Path(environment.get("XDG_CONFIG_HOME", home / ".config")) / "pip" / "pip.conf"
    own = environment.get("PIP_CONFIG_FILE")
    return (
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        personal,
        *([Path(own)] if own else []),
    )


def _certificates(environment: Mapping[str, str]) -> Path:
    named = (environment.get(variable) for variable in _CERTIFICATE_VARIABLES)
    candidates = (*(Path(name) for name in named if name), _CERTIFICATES_HERE)
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise ImageError(f"{_CERTIFICATES_HERE} is missing: install Debian's package ca-certificates.")
    return found


def _apt_dump() -> str:
    return subprocess.run(
        ["apt-config", "dump"], capture_output=True, text=True, check=False, timeout=30
    ).stdout
