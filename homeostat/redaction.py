"""Secrets out of text, before it is stored, logged or sent anywhere.

A secret is known by its shape (keys of well-known vendors, tokens, private keys, connection strings,
cookies), by the name it is given (``password=...``), or by its entropy. Each becomes a stable placeholder
such as ``[redacted:jwt:3f2a]``: equal secrets get equal placeholders, so that a reader still sees that two
lines carry the same token, and the number of lines never changes.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

#: shape -> pattern; a group named ``secret`` narrows what is replaced, else the whole match is.
#: Strangers choose what is searched here, so no pattern may read a long run anew from each of its characters:
#: its time would grow with the square of the line.
SHAPES: Mapping[str, re.Pattern[str]] = {
    "private-key": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<secret>.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
    "jwt": re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    "github-token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
    "gitlab-token": re.compile(r"\bglpat-[\w-]{16,}"),
    "google-key": re.compile(r"\bAIza[\w-]{30,}"),
    "openai-key": re.compile(r"\bsk-[\w-]{16,}"),
    "slack-token": re.compile(r"\bxox[abeoprs]-[\w-]{10,}"),
    # joins a node to a cluster of K3s; before it stands the digest of the cluster's authority
    "k3s-token": re.compile(r"\bK10[0-9a-f]{64}::(?:[\w-]{1,32}:)?(?P<secret>[^\s\"'`]{4,256})"),
    "aws-key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "bearer": re.compile(r"(?i)\b(?:bearer|basic|token)\s+(?P<secret>[\w.~+/=-]{12,})"),
    "cookie": re.compile(r"(?im)^(?P<head>.*?\b(?:set-)?cookie[\"']?\s*[:=]\s*)(?P<secret>[^\r\n]+)"),
    "connection": re.compile(r"(?<=[a-z0-9+.-])://[^\s:/@]{0,128}:(?P<secret>[^\s@]{1,512})@"),
    # a domain ends in letters; a package and its version do not
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z][\w-]*\b"),
    "named": re.compile(
        r"(?i)(?:password|passwd|secret|api[_-]?key|access[_-]?key|token|credential)s?"
        r"[\"']?\s*[:=]\s*[\"']?(?P<secret>[^\s\"',;}&\[]{4,})"
    ),
}

#: a field of this name holds a secret, whatever it looks like
_NAME = re.compile(
    r"(?i)(?:password|passwd|secret|api[_-]?key|access[_-]?key|token|credential|authorization|cookie)s?$"
)
#: a shorter word may be part of any text
_LEAST_CHARACTERS = 8
#: what a program of ours was given as a secret, whatever it looks like: one set a process, which only grows
_REMEMBERED: set[str] = set()
_PLACEHOLDER = re.compile(r"\[redacted:[a-z-]+:[0-9a-f]{4}\]\n*")
_WORD = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
#: names of things, not secrets: digests and ids that evidence is made of
_HARMLESS = re.compile(r"^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[a-z_]+|[A-Z_]+|[\d_-]+)$")
#: a pod's or a ReplicaSet's name: words, then suffixes of the letters and digits that Kubernetes draws from;
#: the kubelet writes the namespace behind it
_SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]"
_OBJECT = re.compile(
    rf"^[a-z][a-z0-9]{{0,19}}(?:-[a-z0-9]{{1,20}})*(?:-{_SUFFIX}{{6,10}})?-{_SUFFIX}{{5,10}}"
    r"(?:_[a-z0-9]{1,15}(?:-[a-z0-9]{1,15}){0,3})?$"
)
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)")
#: bits per character; English words stay below 4, random base64 of this length lies above 4.3
_ENTROPY_BITS = 4.3


def remember(secret: str) -> None:
    """Redact ``secret`` wherever it stands from now on, in this process; each line of it for itself, too."""
    parts = (secret, *secret.splitlines())
    _REMEMBERED.update(part for part in map(str.strip, parts) if len(part) >= _LEAST_CHARACTERS)


def redact(text: str) -> str:
    r"""Replace every secret in ``text``; redacting twice changes nothing more, and lines stay lines.

    >>> redact("password=hunter22 ok")
    'password=[redacted:named:20d2] ok'
    """
    # longest first: one may be part of another
    for secret in sorted(_REMEMBERED, key=len, reverse=True):
        text = text.replace(secret, _placeholder("known", secret))
    for shape, pattern in SHAPES.items():
        text = pattern.sub(lambda match, shape=shape: _replace(match, shape), text)
    return _WORD.sub(_replace_if_random, text)


def redact_fields(_logger: object, _method: str, event: Any) -> Any:
    """A structlog processor: every string of an event, however deep, redacted by shape and by its field."""
    return _redact_value("", event)


def _redact_value(name: str, value: object) -> object:
    if isinstance(value, str):
        named = _NAME.search(name) and not _PLACEHOLDER.fullmatch(value)
        return _placeholder("named", value) if named else redact(value)
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {key: _redact_value(str(key), inner) for key, inner in fields.items()}
    if isinstance(value, list | tuple):
        return [_redact_value(name, inner) for inner in cast("Sequence[object]", value)]
    return value


def _replace(match: re.Match[str], shape: str) -> str:
    whole = match.group(0)
    if "secret" not in match.re.groupindex:
        return _placeholder(shape, whole)
    secret = match.group("secret")
    if secret.startswith("[redacted:"):
        return whole
    start = match.start("secret") - match.start(0)
    return whole[:start] + _placeholder(shape, secret) + whole[start + len(secret) :]


def _replace_if_random(match: re.Match[str]) -> str:
    word = match.group(0)
    if _HARMLESS.match(word) or _OBJECT.match(word) or _entropy(word) < _ENTROPY_BITS or _is_path(word):
        return word
    return _placeholder("random", word)


def _is_path(word: str) -> bool:
    """Whether ``word`` is a path of plain names; a part of random base64 mixes cases and digits."""
    return "/" in word and not any(_MIXED.match(part) for part in word.split("/"))


def _placeholder(shape: str, secret: str) -> str:
    mark = hashlib.sha256(secret.encode()).hexdigest()[:4]
    return f"[redacted:{shape}:{mark}]" + "\n" * secret.count("\n")


def _entropy(word: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(word).values()
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts)
