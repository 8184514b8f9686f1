"""Where the snapshots of etcd go, and when they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from infra.definition.document import S3, Backups
from infra.definition.draft import Draft

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_WORDS = {"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: of cron's five fields: its name, least and greatest value, and names that count from the least
_FIELDS: Sequence[tuple[str, int, int, Sequence[str]]] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)


def destination(draft: Draft) -> Iterator[str]:
    """Exactly one place, told so that a server can reach it."""
    if draft.backups is None:
        return
    given = draft.backups
    if (given.s3 is None) == (given.path is None):
        told = "neither 's3' nor 'path'" if given.s3 is None else "both 's3' and 'path'"
        yield f"'backups' has {told}: name the one place where snapshots go."
    if given.path and not given.path.is_absolute():
        yield (
            f"'backups.path' is '{given.path}': it is a folder on the servers, so must begin with /, "
            "such as /var/backups/k3s."
        )
    if given.s3:
        yield from _bucket(given.s3)


def schedule(draft: Draft) -> Iterator[str]:
    """As cron writes it."""
    if draft.backups and (wrong := _wrong_in(draft.backups)):
        yield (
            f"'backups.schedule' is '{draft.backups.schedule}': {wrong}; must be five fields of cron, such "
            "as '0 */6 * * *', or a word such as @daily."
        )


def _bucket(s3: S3) -> Iterator[str]:
    if "/" in s3.endpoint or not s3.endpoint.strip():
        yield (
            f"'backups.s3.endpoint' is '{s3.endpoint}': must be a host, with a port where needed, such as "
            "nas.home.arpa:9000, without https:// or a path."
        )
    if not _BUCKET.fullmatch(s3.bucket):
        yield (
            f"'backups.s3.bucket' is '{s3.bucket}': must be 3 to 63 lower-case letters, digits, '.' and '-'."
        )


def _wrong_in(backups: Backups) -> str | None:
    words = backups.schedule.split()
    if len(words) == 1 and words[0] in _WORDS:
        return None
    if len(words) != len(_FIELDS):
        return f"it has {len(words)} field(s)"
    for word, (name, least, greatest, names) in zip(words, _FIELDS, strict=True):
        if not all(_is_part(part, least, greatest, names) for part in word.split(",")):
            return f"'{word}' is no {name} ({least} to {greatest})"
    return None


def _is_part(part: str, least: int, greatest: int, names: Sequence[str]) -> bool:
    """Whether ``part`` is one of ``*``, ``7``, ``1-5``, each with a step such as ``/2``."""
    span, slash, step = part.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if span in {"*", "?"}:
        return True
    ends = [_number(end, least, names) for end in span.split("-")]
    known = [end for end in ends if end is not None and least <= end <= greatest]
    return len(known) == len(ends) <= 2 and known == sorted(known)


def _number(text: str, least: int, names: Sequence[str]) -> int | None:
    if text.lower() in names:
        return names.index(text.lower()) + least
    return int(text) if text.isdecimal() and text.isascii() else None
