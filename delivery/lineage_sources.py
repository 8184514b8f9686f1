"""Where lineage asks: git, the store of packages, MLflow's REST interface and the endpoint."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from delivery.changes import only_releases
from delivery.endpoint import Running, what_runs
from delivery.errors import NoSuchRun
from delivery.git import BRANCH, Git
from delivery.handoff import deployed_release
from delivery.layout import Layout
from delivery.lineage import HandOffCommit, RegistryRecord, Sources
from delivery.places.chosen import place_of
from homeostat import digest
from homeostat.release import RELEASES, Release
from serving.bundle import MODEL_FILE

_CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class History:
    """The history that is deployed: the forge's main, or this clone's HEAD where there is no forge."""

    git: Git
    tip: str

    def release(self, model: str) -> Release:
        """The deployed release of ``model``.

        Raises:
            NoSuchRun: when it has none.
        """
        release = deployed_release(self.git, self.tip, model)
        if release is None:
            raise NoSuchRun(f"no model '{model}' is released at {self.tip[:12]}.")
        return release

    def hand_off(self, release: Release) -> HandOffCommit | None:
        """The commit that last changed the release."""
        path = f"{RELEASES}/{release.model}/release.yaml"
        shown = self.git("log", "-1", "--format=%H%n%an%n%(trailers:only,unfold)", self.tip, "--", path)
        if not shown:
            return None
        commit, author, *lines = shown.splitlines()
        trailers: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for name, _, value in (line.partition(": ") for line in lines if line):
            trailers[name] += (value,)
        parent = self.git.commit_of(f"{commit}^")
        paths = self.git.paths_changed(parent, commit) if parent else ()
        return HandOffCommit(commit, author, dict(trailers), only_releases(paths))

    def contains(self, commit: str) -> bool:
        """Whether ``commit`` is on the branch."""
        return self.git.is_ancestor(commit, self.tip)


def history(layout: Layout, root: Path) -> History:
    """The deployed history on this machine.

    Raises:
        NoSuchRun: when there is neither a forge with a commit nor a clone.
    """
    for git, revision in ((Git(layout.forge), f"refs/heads/{BRANCH}"), (Git(root), "HEAD")):
        if git.folder.is_dir() and (tip := git.commit_of(revision)):
            return History(git, tip)
    raise NoSuchRun(f"{root} has no commit and {layout.forge} is empty, so nothing was released.")


def sources(layout: Layout, past: History) -> Sources:
    """Everything that can be asked on this machine."""
    place = place_of(layout.state)
    mlflow = os.environ.get("MLFLOW_TRACKING_URI") or place.url("mlflow")

    def running(release: Release) -> Running | None:
        url = place.url(f"model-{release.model}")
        return what_runs(url, release.model) if url else None

    def packaged(release: Release) -> str | None:
        models = list((layout.bentos / release.bento_digest).rglob(MODEL_FILE))
        return digest.of_file(models[0]) if len(models) == 1 else None

    def record(release: Release) -> RegistryRecord | None:
        return read_record(mlflow, release.model, release.version) if mlflow else None

    return Sources(running, past.hand_off, packaged, record, past.contains)


def read_record(mlflow: str, model: str, version: int) -> RegistryRecord | None:
    """What the MLflow server at ``mlflow`` says of a version; None when it can't or does not know it."""
    try:
        with httpx.Client(base_url=f"{mlflow}/api/2.0/mlflow", timeout=5, trust_env=False) as client:
            found = _get(client, "/model-versions/get", name=model, version=str(version))["model_version"]
            run = _get(client, "/runs/get", run_id=str(found["run_id"]))["run"]
            return RegistryRecord(str(found["run_id"]), _values(found, run), _champion(client, model))
    except (httpx.HTTPError, KeyError, ValueError):
        return None


def _get(client: httpx.Client, path: str, **query: str) -> dict[str, Any]:
    return client.get(path, params=query).raise_for_status().json()


def _champion(client: httpx.Client, model: str) -> int | None:
    answer = client.get("/registered-models/alias", params={"name": model, "alias": _CHAMPION})
    return int(answer.json()["model_version"]["version"]) if answer.status_code == 200 else None


def _values(version: dict[str, Any], run: dict[str, Any]) -> frozenset[str]:
    data = run["data"]
    pairs = [*version.get("tags", ()), *data.get("tags", ()), *data.get("params", ())]
    return frozenset(str(pair["value"]) for pair in pairs)
