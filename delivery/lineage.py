"""From what an endpoint serves back to the commit that it was made from, every link verified.

endpoint -> hand-off commit -> gate results -> package -> MLflow run -> data -> source commit. Each link
compares what two independent places say. What can't be asked now is *unknown*, which is not the same as
verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from delivery.candidate import objections
from delivery.endpoint import Running
from delivery.handoff_message import MLFLOW_TRAILER, RUN_TRAILER, SOURCE_TRAILER, VERSION_TRAILER
from homeostat.release import Release


class Standing(StrEnum):
    """What became of the verification of a link."""

    #: two places say the same
    VERIFIED = "verified"
    #: they contradict each other
    BROKEN = "broken"
    #: one of them can't be asked now
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Link:
    """One step back."""

    name: str
    value: str
    standing: Standing
    sentence: str


@dataclass(frozen=True, slots=True)
class HandOffCommit:
    """The commit on main that last changed the release of a model."""

    commit: str
    author: str
    trailers: Mapping[str, tuple[str, ...]]
    #: the paths that it changed
    only_releases: bool


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """What MLflow says of a version."""

    run_id: str
    #: parameters and tags of the run and the version, under their names
    values: frozenset[str]
    champion: int | None


@dataclass(frozen=True, slots=True)
class Sources:
    """The places that are asked; each answers None when it can't be asked now."""

    running: Callable[[Release], Running | None]
    hand_off: Callable[[Release], HandOffCommit | None]
    packaged_sha256: Callable[[Release], str | None]
    record: Callable[[Release], RegistryRecord | None]
    #: whether a commit is contained in main
    on_main: Callable[[str], bool]


def trace(release: Release, sources: Sources) -> Iterator[Link]:
    """Walk back from the endpoint to the source of ``release``."""
    record = sources.record(release)
    yield _endpoint(release, sources.running(release))
    yield _hand_off(release, sources.hand_off(release))
    yield _gates(release)
    yield _package(release, sources.packaged_sha256(release))
    yield _run(release, record)
    yield _data(release, record)
    yield _source(release, record, sources.on_main)


def _standing(*, same: bool) -> Standing:
    return Standing.VERIFIED if same else Standing.BROKEN


def _endpoint(release: Release, running: Running | None) -> Link:
    value = f"{release.model} {release.version}"
    if running is None:
        return Link("endpoint", value, Standing.UNKNOWN, "the endpoint does not answer now.")
    same = running.is_release(release)
    told = (
        "serves the bytes of this release."
        if same
        else f"serves version {running.version}, not this release."
    )
    return Link("endpoint", value, _standing(same=same), f"the endpoint {told}")


def _hand_off(release: Release, found: HandOffCommit | None) -> Link:
    if found is None:
        return Link("hand-off", "none", Standing.UNKNOWN, "no commit in this history handed it off.")
    wanted = {
        VERSION_TRAILER: f"{release.model} {release.version}",
        MLFLOW_TRAILER: f"{release.model} {release.run_id}",
        SOURCE_TRAILER: release.source_commit,
    }
    wrong = [name for name, value in wanted.items() if value not in found.trailers.get(name, ())]
    if wrong:
        sentence = f"{found.author}'s commit and the release differ about {', '.join(wrong)}."
        return Link("hand-off", found.commit, Standing.BROKEN, sentence)
    if not found.only_releases:
        return Link("hand-off", found.commit, Standing.BROKEN, "the commit changes more than releases.")
    run = ", ".join(found.trailers.get(RUN_TRAILER, ("unnamed",)))
    return Link(
        "hand-off", found.commit, Standing.VERIFIED, f"by {found.author} in the run {run}, releases alone."
    )


def _gates(release: Release) -> Link:
    reasons = objections(release.gates)
    sentence = " ".join(reasons) or "none of them objected."
    return Link("gates", f"{len(release.gates)} gates", _standing(same=not reasons), sentence)


def _package(release: Release, packaged: str | None) -> Link:
    if packaged is None:
        return Link("package", release.bento_digest, Standing.UNKNOWN, "the package is not kept here.")
    same = packaged == release.model_sha256
    told = (
        "holds the model that was gated"
        if same
        else f"holds the model {packaged}, which is not the gated one"
    )
    sentence = f"it {told} ({release.model_sha256[:12]})."
    return Link("package", release.bento_digest, _standing(same=same), sentence)


def _run(release: Release, record: RegistryRecord | None) -> Link:
    if record is None:
        return Link("MLflow run", release.run_id, Standing.UNKNOWN, "MLflow can't be asked now.")
    same = record.run_id == release.run_id and record.champion == release.version
    champion = f"the champion is version {record.champion}" if record.champion else "there is no champion"
    sentence = f"version {release.version} is of run {record.run_id}; {champion}."
    return Link("MLflow run", release.run_id, _standing(same=same), sentence)


def _data(release: Release, record: RegistryRecord | None) -> Link:
    if record is None:
        return Link("data", release.data_sha256, Standing.UNKNOWN, "MLflow can't be asked now.")
    same = release.data_sha256 in record.values
    sentence = f"the run {'names' if same else 'does not name'} this hash."
    return Link("data", release.data_sha256, _standing(same=same), sentence)


def _source(release: Release, record: RegistryRecord | None, on_main: Callable[[str], bool]) -> Link:
    commit = release.source_commit
    if not on_main(commit):
        return Link("source", commit, Standing.BROKEN, "this commit is not in the history of main.")
    if record is None:
        return Link(
            "source", commit, Standing.UNKNOWN, "it is on main; MLflow can't be asked what it trained."
        )
    same = commit in record.values
    sentence = f"it is on main, and the run {'names' if same else 'does not name'} it."
    return Link("source", commit, _standing(same=same), sentence)
