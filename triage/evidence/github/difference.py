"""What changed since the last green run of the same workflow and branch: commits, files and some patches."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from homeostat.redaction import redact
from triage.clock import stamp
from triage.evidence.github.forms import ChangedFile, Comparison, Run
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

ITEM = "github.difference"
_MOST_COMMITS = 20
_MOST_FILES = 60
_MOST_PATCH_LINES = 120
_MOST_CHARACTERS = 400


def difference_item(
    green: Run, run: Run, comparison: Comparison, named: Collection[str], now: datetime
) -> EvidenceItem:
    """One item; the patches of the files that the logs name come first, then others while there is room."""
    texts: list[str] = []
    observations: list[Observation] = []
    for text, file in _lines(green, comparison, named):
        # an author's or a file's name may hold anything, also ends of lines
        texts.append(" ".join(text.splitlines()))
        if file:
            told = {
                "what": "other",
                "object": file.filename,
                "to": run.head_sha[:12],
                "from": green.head_sha[:12],
            }
            observations.append(Observation(name="change", line=len(texts), texts=told))
    clean = redact("\n".join(texts)).split("\n")
    return EvidenceItem(
        id=ITEM,
        source=f"{run.repository.full_name} {green.head_sha[:12]}...{run.head_sha[:12]}",
        kind=EvidenceKind.CHANGE,
        collected_at=now,
        status=EvidenceStatus.OK,
        note=f"since the last green run, {green.id}",
        lines=tuple(Line(number=at, text=text[:_MOST_CHARACTERS]) for at, text in enumerate(clean, start=1)),
        observations=tuple(observations),
    )


def _lines(
    green: Run, comparison: Comparison, named: Collection[str]
) -> Iterator[tuple[str, ChangedFile | None]]:
    ended = stamp(green.updated_at)
    yield f"the last green run was {green.id} at commit {green.head_sha}, {ended}", None
    if comparison.behind_by:
        yield (
            f"the histories have parted: {comparison.behind_by} commits of the green run are not in this one",
            None,
        )
    for commit in comparison.commits[-_MOST_COMMITS:]:
        subject = commit.commit.message.partition("\n")[0]
        yield f"commit {commit.sha[:12]} by {commit.commit.author.name}: {subject}", None
    if len(comparison.commits) > _MOST_COMMITS:
        yield f"{len(comparison.commits) - _MOST_COMMITS} earlier commits are not shown", None
    files = sorted(comparison.files, key=lambda file: file.filename not in named)
    for file in files[:_MOST_FILES]:
        yield f"{file.status} {file.filename} +{file.additions} -{file.deletions}", file
    if len(files) > _MOST_FILES:
        yield f"{len(files) - _MOST_FILES} more files are not shown", None
    yield from _patches(files)


def _patches(files: list[ChangedFile]) -> Iterator[tuple[str, None]]:
    room = _MOST_PATCH_LINES
    for file in files:
        patch = file.patch.split("\n") if file.patch else []
        if 0 < len(patch) < room:
            room -= len(patch) + 1
            yield f"--- {file.filename}", None
            for line in patch:
                yield line, None
