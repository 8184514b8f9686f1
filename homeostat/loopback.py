"""Services on loopback are reached directly, also behind an HTTP proxy."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = ("127.0.0.1", "localhost")


def without_proxy_on_loopback(base: Mapping[str, str]) -> dict[str, str]:
    """The variables that, added to the environment ``base``, keep loopback out of the proxy's hands.

    >>> without_proxy_on_loopback({"NO_PROXY": "intranet.invalid"})["NO_PROXY"]
    'intranet.invalid,127.0.0.1,localhost'
    """
    values: dict[str, str] = {}
    for name in ("NO_PROXY", "no_proxy"):
        there = [entry for entry in base.get(name, "").split(",") if entry]
        values[name] = ",".join(dict.fromkeys((*there, *_NAMES)))
    return values
