"""Whether Proxmox answers, which version it is, and whether its certificate and its clock are right."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

from homeostat.doctor import Finding, Level
from infra.definition.machines import Proxmox
from infra.proxmox.api.session import Session
from infra.proxmox.api.trust import trusting
from infra.proxmox.api.version import read_version
from infra.proxmox.template.download import OLDEST

_SUPPORTED = (8, 9)
_SOON_DAYS = 21
_SECONDS = 5.0
#: certificates and tokens of the cluster's own services allow for no more
_SKEW_SECONDS = 60.0


def version(api: Session) -> Finding:
    """That it answers, with a version that we know."""
    major, minor = read_version(api)
    if major not in _SUPPORTED:
        return Finding(
            Level.FAILED,
            f"Proxmox VE is {major}.{minor}, and this platform knows 8 and 9.",
            "Upgrade the hosts.",
        )
    if (major, minor) < OLDEST:
        return Finding(
            Level.FAILED,
            f"Proxmox VE is {major}.{minor}, which cannot import disk images by its API; 8.4 and newer can.",
            "Upgrade the hosts.",
        )
    return Finding(Level.OK, f"Proxmox VE {major}.{minor} answers and accepts the token.")


def clock(api: Session) -> Finding:
    """That the hosts' clock and this machine's agree."""
    api.get("/version")
    skew = api.skew_seconds
    if abs(skew) <= _SKEW_SECONDS:
        return Finding(Level.OK, "the host's clock and this machine's agree.")
    way = "ahead of" if skew > 0 else "behind"
    return Finding(
        Level.WARNING,
        f"the host's clock is {abs(skew):.0f} s {way} this machine's, which breaks certificates and tokens.",
        "Let both take their time from NTP ('timedatectl' and, on the host, 'chronyc tracking').",
    )


def certificates(proxmox: Proxmox) -> Finding:
    """That every endpoint answers with a certificate that is trusted, and for how long yet."""
    found = [
        _certificate((url.host or "").strip("[]"), url.port or 443, proxmox.ca_file)
        for url in proxmox.endpoints
    ]
    worst = [finding for finding in found if finding.level is not Level.OK]
    if len(worst) == 1:
        return worst[0]
    return _together(worst) if worst else found[0]


def _together(findings: Sequence[Finding]) -> Finding:
    order = (Level.FAILED, Level.WARNING)
    level = min((finding.level for finding in findings), key=order.index)
    remedies = dict.fromkeys(finding.remedy for finding in findings)
    return Finding(level, " ".join(finding.sentence for finding in findings), " ".join(remedies))


def _certificate(host: str, port: int, ca_file: Path | None) -> Finding:
    try:
        context = trusting(ca_file)
    except OSError as error:
        why = error.strerror or "it holds no certificate in PEM"
        return Finding(Level.FAILED, f"'proxmox.ca_file' is {str(ca_file)!r}: {why}.", "Correct it.")
    try:
        with (
            socket.create_connection((host, port), timeout=_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            expires = str((connection.getpeercert() or {}).get("notAfter", ""))
    except ssl.SSLCertVerificationError as error:
        return Finding(
            Level.FAILED,
            f"the certificate of {host}:{port} is not trusted: {error.verify_message}.",
            f"scp root@{host}:/etc/pve/pve-root-ca.pem . and name the file as proxmox.ca_file; "
            "name the endpoint as the certificate does.",
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Finding(
            Level.WARNING,
            f"the endpoint {host}:{port} does not answer directly: {reason}.",
            "Start it, or take it out of proxmox.endpoints.",
        )
    return _expiry(host, expires)


def _expiry(host: str, expires: str) -> Finding:
    left_days = (ssl.cert_time_to_seconds(expires) - time.time()) / 86400
    if left_days > _SOON_DAYS:
        return Finding(Level.OK, f"the certificate is trusted, for {left_days:.0f} days yet.")
    return Finding(
        Level.WARNING,
        f"the certificate of {host} expires in {left_days:.0f} days.",
        f"On {host}: pvecm updatecerts --force (or renew your own certificate).",
    )
