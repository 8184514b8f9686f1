"""Whose certificates are believed."""

from __future__ import annotations

import ssl
from pathlib import Path


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """Believe the authority in ``ca_file`` alone, or those of this machine when there is none.

    Since Python 3.13 contexts verify strictly (VERIFY_X509_STRICT), which refuses every authority that does
    not say how its key is used. Proxmox's own (pve-root-ca.pem, made by ``openssl req -x509``) does not, so
    strictness is taken back to what it was: signatures, dates and names are checked as ever.

    Raises:
        FileNotFoundError: there is no such file.
        ssl.SSLError: it holds no certificate.
    """
    context = ssl.create_default_context(cafile=str(ca_file.expanduser()) if ca_file else None)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
