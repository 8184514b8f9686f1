"""The hand-off: one commit on main that changes nothing but releases, and so changes what serves.

The first of a model brings the folder that deploys it, too.

It is made by plumbing in an empty temporary repository: no checkout, no hooks, no identity but the bot's. It
can be repeated to the effect of once, because it carries the name of the run that made it, and because a
release whose inputs are those of the deployed one is not news.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from delivery.errors import LostRace
from delivery.git import BRANCH, Git
from delivery.handoff_message import RUN_TRAILER, handoff_message
from delivery.model_folder import missing_files
from homeostat.errors import ConfigError
from homeostat.release import RELEASES, Release, parse_release, to_yaml
from homeostat.yaml_text import read_yaml

BOT = "homeostat-bot"
BOT_EMAIL = f"{BOT}@users.noreply.invalid"
#: how often a hand-off tries again when somebody else's push was faster
MOST_TRIES = 6

_IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", BOT), ("EMAIL", BOT_EMAIL))
}


@dataclass(frozen=True, slots=True)
class HandOff:
    """What a hand-off did."""

    #: the commit on the branch that carries the releases; None when there was nothing to hand off
    commit: str | None
    #: the releases that are on the branch because of it, whether made now or before a crash
    releases: tuple[Release, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Remote:
    """Where releases are handed off to: the local forge, or any repository that git can push to."""

    url: str
    branch: str = BRANCH
    #: credentials, as git's own variables
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def hand_off(releases: Sequence[Release], remote: Remote, run: str) -> HandOff:
    """Put ``releases`` on the remote's branch in one commit, on top of whatever is there by then.

    Args:
        releases: one for each model, already judged and verified.
        remote: where to.
        run: the name of the pipeline's run; a commit that carries it is found again instead of made twice.

    Raises:
        LostRace: when the branch moved every time.
        HandOffRefused: when the folder of a new model can't be made.
        GitError: when the remote can't be read or refuses the push.
    """
    if not releases:
        return HandOff(None, (), "nothing to hand off: no model was trained.")
    with tempfile.TemporaryDirectory(prefix="homeostat-handoff-") as folder:
        git = Git(Path(folder), _IDENTITY | dict(remote.environment))
        git("init", "--quiet", "--bare", "--template=")
        tip = _fetch(git, remote)
        for _ in range(MOST_TRIES):
            if done := _already(git, tip, releases, run):
                return done
            news = tuple(release for release in releases if not _is_known(git, tip, release))
            if not news:
                return HandOff(
                    None, (), "nothing to hand off: the deployed releases have these inputs already."
                )
            commit = _commit(git, tip, news, run)
            pushed = git.attempt("push", "--quiet", remote.url, f"{commit}:refs/heads/{remote.branch}")
            before, tip = tip, _fetch(git, remote)
            if pushed.returncode == 0:
                return HandOff(commit, news, f"{_names(news)} handed off in {commit[:12]}.")
            if tip == before:  # nobody was faster: the remote does not want it
                git("push", "--quiet", remote.url, f"{commit}:refs/heads/{remote.branch}")
    raise LostRace(
        f"{remote.branch} moved {MOST_TRIES} times while the hand-off tried to land; run it again."
    )


def deployed_release(git: Git, tip: str, model: str) -> Release | None:
    """The release of ``model`` at the commit ``tip``; None when there is none that can be read."""
    shown = git.attempt("show", f"{tip}:{_path(model)}")
    if shown.returncode:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as stream:
        stream.write(shown.stdout)
        stream.flush()
        try:
            return parse_release(read_yaml(Path(stream.name)), _path(model))
        except ConfigError:
            return None


def _fetch(git: Git, remote: Remote) -> str:
    git(
        "fetch",
        "--quiet",
        "--no-tags",
        "--update-shallow",
        remote.url,
        f"+refs/heads/{remote.branch}:refs/fetched",
    )
    return git("rev-parse", "refs/fetched")


def _already(git: Git, tip: str, releases: Sequence[Release], run: str) -> HandOff | None:
    """What an earlier attempt of this very run put on the branch before it was cut off."""
    found = git("log", "-1", "--format=%H", f"--author={BOT_EMAIL}", f"--grep=^{RUN_TRAILER}: {run}$", tip)
    if not found:
        return None
    landed = tuple(release for release in releases if deployed_release(git, tip, release.model) == release)
    return HandOff(found, landed, f"{_names(landed)} handed off before in {found[:12]}.")


def _is_known(git: Git, tip: str, release: Release) -> bool:
    deployed = deployed_release(git, tip, release.model)
    return deployed is not None and deployed.inputs_digest == release.inputs_digest


def _commit(git: Git, tip: str, releases: Sequence[Release], run: str) -> str:
    git("read-tree", tip)
    for release in releases:
        files = {**missing_files(git, tip, release.model), _path(release.model): to_yaml(release)}
        for path, content in files.items():
            text = git.folder / "content"
            text.write_text(content, encoding="utf-8")
            blob = git("hash-object", "-w", "--no-filters", str(text))
            git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    message = git.folder / "message"
    message.write_text(handoff_message(releases, run), encoding="utf-8")
    return git("commit-tree", git("write-tree"), "-p", tip, "-F", str(message))


def _path(model: str) -> str:
    return f"{RELEASES}/{model}/release.yaml"


def _names(releases: Sequence[Release]) -> str:
    return " and ".join(f"{release.model} {release.version}" for release in releases)
