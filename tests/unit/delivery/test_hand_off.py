"""The hand-off commit: whose it is, what it touches, and that it lands once whatever else happens."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from delivery.candidate import read_candidate
from delivery.changes import only_releases
from delivery.errors import GitError, HandOffRefused, LostRace
from delivery.git import Git
from delivery.handoff import Remote, deployed_release, hand_off
from delivery.handoff_stage import hand_off_results, remote_of
from delivery.model_folder import TEMPLATE, write_folder
from delivery.stages import StageOutcome
from homeostat import digest
from homeostat.release import Outcome, Release
from tests.unit.delivery.small_platform import a_release, git

MODEL = b"the bytes that were gated"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository with one commit."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    push_something(bare, tmp_path / "first", "first")
    return bare


def push_something(bare: Path, clone: Path, name: str) -> None:
    git(clone.parent, "clone", "--quiet", str(bare), str(clone))
    (clone / name).write_text(name)
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", f"Add {name}")
    git(clone, "push", "--quiet", "origin", "HEAD:main")


def candidate(results: Path, store: Path, release: Release, packaged: bytes = MODEL) -> None:
    """What training and packaging leave for ``release``."""
    folder = results / release.model
    folder.mkdir(parents=True)
    fields = release.model_dump(mode="json")
    package = {name: fields.pop(name) for name in ("bento_digest", "image_digest")}
    (folder / "result.json").write_text(json.dumps(fields))
    (folder / "package.json").write_text(json.dumps(package))
    bundle = store / release.bento_digest / "src" / "bundle"
    bundle.mkdir(parents=True)
    (bundle / "model.pkl").write_bytes(packaged)


def gated(**changes: object) -> Release:
    return a_release(model_sha256=digest.of_bytes(MODEL), **changes)


def test_one_commit_by_the_bot_touches_only_the_release(remote: Path) -> None:
    release = a_release()

    done = hand_off([release], Remote(str(remote)), "run-1")

    assert git(remote, "rev-parse", "main") == done.commit
    assert git(remote, "rev-list", "--count", "main") == "2"
    assert git(remote, "diff", "--name-only", "main~1", "main") == "manifests/models/toy/release.yaml"
    assert git(remote, "log", "-1", "--format=%an <%ae> %cn", "main") == (
        "homeostat-bot <homeostat-bot@users.noreply.invalid> homeostat-bot"
    )
    assert deployed_release(Git(remote), "main", "toy") == release


@pytest.fixture
def with_template(remote: Path, tmp_path: Path) -> Path:
    """The remote, with a template of two files."""
    clone = tmp_path / "first"
    template = clone / TEMPLATE
    template.mkdir(parents=True)
    (template / "kustomization.yaml").write_text("resources: [release.yaml, service.yaml]\n")
    (template / "service.yaml").write_text("name: ${name}\nmodel: ${model}\n")
    commit_all(clone, "Add the template")
    return remote


def commit_all(clone: Path, message: str) -> None:
    git(clone, "pull", "--quiet", "origin", "main")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "-m", message)
    git(clone, "push", "--quiet", "origin", "HEAD:main")


def test_the_first_hand_off_of_a_model_brings_its_folder(with_template: Path) -> None:
    hand_off([a_release("toy_model")], Remote(str(with_template)), "run-1")

    folder = "manifests/models/toy_model"
    changed = git(with_template, "diff", "--name-only", "main~1", "main").splitlines()
    names = ["kustomization.yaml", "release.yaml", "service.yaml"]
    assert changed == [f"{folder}/{name}" for name in names]
    assert only_releases(changed)
    assert git(with_template, "show", f"main:{folder}/service.yaml") == "name: toy-model\nmodel: toy_model"


def test_a_later_hand_off_leaves_a_persons_edits_alone(with_template: Path, tmp_path: Path) -> None:
    hand_off([a_release()], Remote(str(with_template)), "run-1")
    git(tmp_path / "first", "pull", "--quiet", "origin", "main")
    (tmp_path / "first/manifests/models/toy/service.yaml").unlink()
    (tmp_path / "first/manifests/models/toy/kustomization.yaml").write_text("resources: [release.yaml]\n")
    commit_all(tmp_path / "first", "Serve it another way")

    hand_off([a_release(version=2)], Remote(str(with_template)), "run-2")

    changed = git(with_template, "diff", "--name-only", "main~1", "main")
    assert changed == "manifests/models/toy/release.yaml"


def test_files_that_a_person_wrote_before_the_first_hand_off_stay(
    with_template: Path, tmp_path: Path
) -> None:
    own = tmp_path / "first/manifests/models/toy/service.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("mine\n")
    commit_all(tmp_path / "first", "Write my own")

    hand_off([a_release()], Remote(str(with_template)), "run-1")

    assert git(with_template, "show", "main:manifests/models/toy/service.yaml") == "mine"
    assert git(with_template, "show", "main:manifests/models/toy/kustomization.yaml")


def test_a_template_that_can_not_be_filled_in_hands_off_nothing(with_template: Path, tmp_path: Path) -> None:
    (tmp_path / "first" / TEMPLATE / "service.yaml").write_text("size: ${size}\n")
    commit_all(tmp_path / "first", "Ask for a size")

    with pytest.raises(HandOffRefused, match=r"service.yaml can't be filled in for toy"):
        hand_off([a_release()], Remote(str(with_template)), "run-1")

    assert git(with_template, "log", "-1", "--format=%s", "main") == "Ask for a size"


def test_a_person_can_write_the_folder_too_and_again_changes_nothing(
    with_template: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "first"
    folder = clone / "manifests/models/toy"

    assert write_folder(clone, "toy") == (folder / "kustomization.yaml", folder / "service.yaml")
    assert write_folder(clone, "toy") == ()


def test_the_message_tells_the_gates_and_carries_trailers(remote: Path) -> None:
    hand_off([a_release(version=3)], Remote(str(remote)), "run-1")

    message = git(remote, "log", "-1", "--format=%B", "main")
    trailers = git(remote, "log", "-1", "--format=%(trailers:key=Model-Version,valueonly)", "main")

    assert message.startswith("Release toy 3\n\ntoy 3, judged by 1 gates: 1 passed.\n- auc: AUC is 0.9.")
    assert trailers == "toy 3"


def test_the_users_git_configuration_and_identity_play_no_part(
    remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-push").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-push").chmod(0o755)
    (tmp_path / ".gitconfig").write_text(
        f"[commit]\ngpgsign = true\n[core]\nhooksPath = {hooks}\n[user]\nname = Somebody\nsigningkey = none\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GIT_CONFIG_GLOBAL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")

    hand_off([a_release()], Remote(str(remote)), "run-1")

    monkeypatch.undo()
    assert git(remote, "log", "-1", "--format=%an %cn", "main") == "homeostat-bot homeostat-bot"


def test_unchanged_inputs_hand_off_nothing(remote: Path) -> None:
    hand_off([a_release(inputs_digest="1" * 64)], Remote(str(remote)), "run-1")

    again = hand_off([a_release(version=2, inputs_digest="1" * 64)], Remote(str(remote)), "run-2")

    assert again.commit is None
    assert "nothing to hand off" in again.sentence
    assert git(remote, "rev-list", "--count", "main") == "2"


def test_a_run_that_handed_off_finds_its_commit_instead_of_making_another(
    remote: Path, tmp_path: Path
) -> None:
    first = hand_off([a_release()], Remote(str(remote)), "run-1")
    push_something(remote, tmp_path / "other", "other")

    again = hand_off([a_release()], Remote(str(remote)), "run-1")

    assert again.commit == first.commit
    assert again.releases == first.releases


def test_a_lost_race_is_rebased_and_lands_on_top(remote: Path, tmp_path: Path) -> None:
    racer = moving_hook(remote, tmp_path, times=2)

    done = hand_off([a_release()], Remote(str(remote)), "run-1")

    assert git(remote, "rev-parse", "main") == done.commit
    assert git(remote, "rev-list", "--count", "main") == "4"  # the first, two of the racer's, the hand-off
    assert racer.read_text() == "2"


def test_a_race_that_is_lost_every_time_ends_with_a_sentence(remote: Path, tmp_path: Path) -> None:
    moving_hook(remote, tmp_path, times=99)

    with pytest.raises(LostRace, match="main moved 6 times"):
        hand_off([a_release()], Remote(str(remote)), "run-1")


def moving_hook(remote: Path, tmp_path: Path, times: int) -> Path:
    """A remote where somebody else's commit lands just before ours, ``times`` times."""
    counter = tmp_path / "counter"
    counter.write_text("0")
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"""#!/bin/sh
        n=$(cat {counter}); [ "$n" -lt {times} ] || exit 0
        printf %s $((n + 1)) >{counter}
        unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
        tip=$(git rev-parse main)
        racer="-c user.name=R -c user.email=r@example.invalid"
        new=$(git $racer commit-tree "$tip^{{tree}}" -p "$tip" -m race)
        git update-ref refs/heads/main "$new"
        """
    )
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    return counter


def test_a_remote_that_refuses_the_push_is_not_a_race(remote: Path) -> None:
    hook = remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(GitError, match="push failed"):
        hand_off([a_release()], Remote(str(remote)), "run-1")


def test_results_are_handed_off_and_promoted(remote: Path, tmp_path: Path) -> None:
    promoted: list[tuple[str, int]] = []
    candidate(tmp_path / "results", tmp_path / "store", gated(version=4))

    verdict = hand_off_results(
        tmp_path / "results",
        tmp_path / "store",
        Remote(str(remote)),
        "r",
        lambda *what: promoted.append(what),
    )

    assert verdict.outcome is StageOutcome.PASSED
    assert promoted == [("toy", 4)]


@pytest.mark.parametrize("outcomes", [(Outcome.FAILED,), (Outcome.PASSED, Outcome.FAILED), ()])
def test_what_a_gate_refused_or_none_judged_is_not_handed_off(
    remote: Path, tmp_path: Path, outcomes: tuple[Outcome, ...]
) -> None:
    release = gated()
    gates = [release.gates[0].model_copy(update={"outcome": outcome}) for outcome in outcomes]
    candidate(tmp_path / "results", tmp_path / "store", release.model_copy(update={"gates": tuple(gates)}))

    with pytest.raises(HandOffRefused, match="toy is not handed off"):
        hand_off_results(tmp_path / "results", tmp_path / "store", Remote(str(remote)), "r", never)

    assert git(remote, "rev-list", "--count", "main") == "1"


def test_a_refused_model_holds_back_the_others_of_the_same_push(remote: Path, tmp_path: Path) -> None:
    candidate(tmp_path / "results", tmp_path / "store", gated())
    (tmp_path / "results" / "ct.json").write_text('{"outcome": "refused", "sentence": "other was refused."}')

    with pytest.raises(HandOffRefused, match=r"other was refused\."):
        hand_off_results(tmp_path / "results", tmp_path / "store", Remote(str(remote)), "r", never)


def test_packaged_bytes_that_no_gate_saw_are_not_handed_off(tmp_path: Path) -> None:
    candidate(tmp_path / "results", tmp_path / "store", gated(), packaged=b"other bytes")

    with pytest.raises(HandOffRefused, match="but the gates judged"):
        read_candidate(tmp_path / "results" / "toy", tmp_path / "store")


def test_a_missing_package_is_not_handed_off(tmp_path: Path) -> None:
    candidate(tmp_path / "results", tmp_path / "store", gated())
    (tmp_path / "store").rename(tmp_path / "elsewhere")

    with pytest.raises(HandOffRefused, match="does not exist"):
        read_candidate(tmp_path / "results" / "toy", tmp_path / "store")


def test_a_remote_may_be_given_by_its_name_in_the_clone(remote: Path, tmp_path: Path) -> None:
    assert remote_of(tmp_path / "first", "origin", "main").url == str(remote)
    assert remote_of(tmp_path / "first", "/some/path", "main").url == "/some/path"


def never(model: str, version: int) -> None:
    raise AssertionError(f"{model} {version} was promoted")


def test_the_tests_left_no_identity_behind() -> None:
    assert "GIT_AUTHOR_NAME" not in os.environ
