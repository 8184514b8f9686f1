"""The message of a hand-off commit: what a person reads in the log, and trailers that a program reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from homeostat.release import Release

RUN_TRAILER = "Pipeline-Run"
SOURCE_TRAILER = "Source-Commit"
VERSION_TRAILER = "Model-Version"
MLFLOW_TRAILER = "MLflow-Run"


def handoff_message(releases: Sequence[Release], run: str) -> str:
    """Imperative subject, the verdict of every gate, trailers."""
    subject = "Release " + " and ".join(f"{release.model} {release.version}" for release in releases)
    body = "\n\n".join("\n".join(_gates(release)) for release in releases)
    return f"{subject}\n\n{body}\n\n" + "\n".join(_trailers(releases, run)) + "\n"


def _gates(release: Release) -> Iterator[str]:
    counts = Counter(gate.outcome.value.replace("_", " ") for gate in release.gates)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    yield f"{release.model} {release.version}, judged by {len(release.gates)} gates: {told}."
    yield from (f"- {gate.name}: {gate.sentence}" for gate in release.gates)


def _trailers(releases: Sequence[Release], run: str) -> Iterator[str]:
    yield f"{RUN_TRAILER}: {run}"
    for commit in dict.fromkeys(release.source_commit for release in releases):
        yield f"{SOURCE_TRAILER}: {commit}"
    for release in releases:
        yield f"{VERSION_TRAILER}: {release.model} {release.version}"
        yield f"{MLFLOW_TRAILER}: {release.model} {release.run_id}"
