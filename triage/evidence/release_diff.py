"""What the current release changed: its file, and the source between its commit and the former one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from homeostat.redaction import redact
from triage.clock import Clock
from triage.evidence.collector import Scope
from triage.evidence.git import Git, GitTimeout, GitUnavailable
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation
from triage.evidence.release_history import hand_offs, release_file

_MOST_LINES = 160
_MOST_LINE_CHARACTERS = 400
_SOURCE_COMMIT = re.compile(r"^source_commit: ['\"]?([0-9a-f]{40})", re.MULTILINE)
_CONTEXT = "--unified=2"


class ReleaseDiffCollector:
    """Compares the release that serves with the one before it."""

    name = "release-diff"

    def __init__(self, git: Git, clock: Clock) -> None:
        self._git = git
        self._clock = clock

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """Two items: the release file's diff, and the source's diff with its statistics first."""
        if scope.model is None:
            return [self._item("release", EvidenceStatus.EMPTY, "the alert names no model")]
        try:
            found = hand_offs(self._git, scope.model, 2, scope.until + timedelta(seconds=1))
            if len(found) < 2:
                return [
                    self._item("release", EvidenceStatus.EMPTY, "there is no former release to compare with")
                ]
            new, old = (hand_off.commit for hand_off in found)
            return [self._release(scope.model, old, new), self._source(scope.model, old, new)]
        except GitTimeout as error:
            return [self._item("release", EvidenceStatus.TIMEOUT, str(error))]
        except GitUnavailable as error:
            return [self._item("release", EvidenceStatus.ERROR, str(error))]

    def _release(self, model: str, old: str, new: str) -> EvidenceItem:
        text = self._diff("--unified=0", old, new, "--", release_file(model))
        return self._item("release", EvidenceStatus.OK, f"{old[:12]}..{new[:12]}", text)

    def _source(self, model: str, old: str, new: str) -> EvidenceItem:
        commits = [self._source_commit(model, hand_off) for hand_off in (old, new)]
        before, after = commits
        if before is None or after is None:
            return self._item("source", EvidenceStatus.ERROR, "a release names no source commit")
        span = f"{before[:12]}..{after[:12]}"
        # releases are shown by the other item
        paths = ("--", ".", ":(exclude)manifests")
        statistics = self._diff("--stat=100", before, after, *paths)
        if not statistics.strip():
            return self._item("source", EvidenceStatus.EMPTY, f"{span}: no source changed")
        patch = self._diff(_CONTEXT, before, after, *paths)
        return self._item("source", EvidenceStatus.OK, span, f"{statistics}\n{patch}")

    def _diff(self, *arguments: str) -> str:
        return self._git.read("diff", "--no-color", "--no-ext-diff", "--no-textconv", *arguments)

    def _source_commit(self, model: str, hand_off: str) -> str | None:
        found = _SOURCE_COMMIT.search(self._git.read("show", f"{hand_off}:{release_file(model)}"))
        return found.group(1) if found else None

    def _item(self, which: str, status: EvidenceStatus, note: str, text: str = "") -> EvidenceItem:
        lines = _numbered(text)
        return EvidenceItem(
            id=f"diff.{which}",
            source=f"git diff of the {which}",
            kind=EvidenceKind.CHANGE,
            collected_at=self._clock(),
            status=status,
            note=note,
            lines=lines,
            observations=tuple(_changed_fields(lines)) if which == "release" else (),
        )


def _numbered(text: str) -> tuple[Line, ...]:
    """The first lines, redacted as a whole, since a private key spans lines."""
    texts = redact(text).rstrip("\n").split("\n")[:_MOST_LINES]
    return tuple(
        Line(number=number, text=line[:_MOST_LINE_CHARACTERS])
        for number, line in enumerate(texts, start=1)
        if line.strip()
    )


def _changed_fields(lines: Sequence[Line]) -> Sequence[Observation]:
    """The top-level fields of the release that have a new value."""
    found: list[Observation] = []
    for line in lines:
        match = re.match(r"^\+([a-z_0-9]+): (.+)$", line.text)
        if match:
            texts = {"field": match.group(1), "value": match.group(2)}
            found.append(Observation(name="release_field", line=line.number, texts=texts))
    return found
