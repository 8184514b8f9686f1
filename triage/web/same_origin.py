"""Whether a form was sent from one of our own pages: another site may not speak in a visitor's name.

Browsers say where a request comes from, in headers that no page can set: ``Sec-Fetch-Site`` to addresses that
they trust, and ``Origin`` with every form. A program sends neither, and nobody's sign-in comes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the request is from our own page, or from no browser at all.

    >>> is_same_origin({"sec-fetch-site": "cross-site", "host": "triage"})
    False
    >>> is_same_origin({"origin": "http://triage:8090", "host": "triage:8090"})
    True
    """
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return True
    # behind a proxy the page has the proxy's name; no page of another site can send this header
    ours = {headers.get(name, "").lower() for name in ("host", "x-forwarded-host")} - {""}
    try:
        return urlsplit(origin).netloc.lower() in ours
    except ValueError:
        return False
