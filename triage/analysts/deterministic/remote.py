"""Which other system a line of text names: the far end of a connection."""

from __future__ import annotations

import re

_HOST = r"(?P<host>[A-Za-z0-9](?:[\w.-]*\w)?)"
_PORT = r"(?::(?P<port>\d{2,5}))?"
_FORMS = (
    re.compile(rf"upstream: \\?\"(?:https?|grpc|tcp)://{_HOST}{_PORT}"),
    re.compile(
        rf"(?i)\b(?:https?|grpc|rediss?|postgres(?:ql)?|mysql|amqps?|mongodb|tcp|kafka"
        rf"|nats)://(?:[^\s/@]*@)?{_HOST}{_PORT}"
    ),
    # as Java writes an address: the name, and what it was resolved to
    re.compile(r"\b(?P<host>[A-Za-z][\w-]*(?:\.[\w-]+)*)/\d+\.\d+\.\d+\.\d+:(?P<port>\d{2,5})\b"),
    re.compile(rf"(?i)host=\\?['\"]?{_HOST}\\?['\"]?,? port=(?P<port>\d+)"),
    re.compile(rf"(?i)server at \\?\"{_HOST}\\?\"(?: \([^)]*\))?, port (?P<port>\d+)"),
    re.compile(rf"(?i)server on '{_HOST}(?::(?P<port>\d+))?'"),
    re.compile(rf"(?i)is valid for (?:[\w.*, -]+), not {_HOST}"),
    re.compile(rf"\bserviceName=\\?\"?{_HOST}"),
    re.compile(rf"\bService \\?\"(?:[\w-]+/)?{_HOST}\\?\""),
    re.compile(
        rf"(?i)\b(?:connect(?:ing|ion)?|connections?) (?:to|with|from) \\?[\"']?{_HOST}{_PORT}(?=\W|$)"
    ),
    re.compile(rf"(?i)\bdial (?:tcp|udp) {_HOST}:(?P<port>\d+)"),
    re.compile(rf"(?i)\bECONNREFUSED {_HOST}:(?P<port>\d+)"),
    re.compile(
        rf"(?i)\b(?:upstream|backend|dependency|downstream|host|peer|server|service"
        rf"|endpoint)[ =:]+\\?[\"']?(?P<host>(?=[\w.-]*[a-z])[a-z0-9](?:[\w.-]*[.-][\w.-]*\w)){_PORT}"
    ),
    re.compile(r"\b(?P<host>(?=[\w.-]*[A-Za-z])[A-Za-z0-9](?:[\w.-]*\w)?):(?P<port>\d{2,5})\b(?!:)"),
)
#: words that stand where a name could
_NO_NAMES = frozenset(
    {
        "the",
        "a",
        "an",
        "server",
        "upstream",
        "host",
        "database",
        "db",
        "pool",
        "peer",
        "line",
        "port",
        "node",
        "broker",
    }
)


def remote_in(text: str) -> str:
    """``host:port`` or ``host``, or the empty string.

    >>> remote_in("dial tcp 10.0.0.7:6379: connect: connection refused")
    '10.0.0.7:6379'
    >>> remote_in("Error 111 connecting to redis:6379. Connection refused.")
    'redis:6379'
    >>> remote_in("nothing is named here")
    ''
    """
    for form in _FORMS:
        for found in form.finditer(text):
            host, port = found.group("host"), found.groupdict().get("port")
            if host.lower() not in _NO_NAMES and not host.endswith((".py", ".go", ".js", ".java", ".rb")):
                return f"{host}:{port}" if port else host
    return ""
