"""The stages ct and package: a push passes as a whole, and what was cut off goes on with what is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from delivery.errors import StageFailed
from delivery.stages import StageOutcome
from delivery.steps import Training, forget_results, package
from tests.unit.delivery.small_platform import a_release


def harness(commands: list[Sequence[str]], codes: dict[str, int]):
    """Stands where ``homeostat ct`` runs: leaves a result as it does, with the wanted exit code."""

    def run(arguments: Sequence[str]) -> int:
        commands.append(arguments)
        model, out = arguments[3], Path(arguments[5])
        fields = a_release(model).model_dump(mode="json", exclude={"bento_digest", "image_digest"})
        if codes.get(model) == 3:
            fields["gates"][0] |= {"outcome": "failed", "sentence": f"{model} is worse."}
            fields["version"] = None
        out.mkdir(parents=True, exist_ok=True)
        (out / "result.json").write_text(json.dumps(fields))
        return codes.get(model, 0)

    return run


def test_one_refused_model_refuses_the_push_with_its_gates_sentence(tmp_path: Path) -> None:
    training = Training(tmp_path, tmp_path / "results", harness([], {"two": 3}))

    verdict = training.train(["one", "two"])

    assert verdict.outcome is StageOutcome.REFUSED
    assert verdict.sentence == "two was refused: two is worse."


def test_what_was_trained_before_a_crash_is_not_trained_again(tmp_path: Path) -> None:
    commands: list[Sequence[str]] = []
    Training(tmp_path, tmp_path / "results", harness(commands, {})).train(["one"])

    verdict = Training(tmp_path, tmp_path / "results", harness(commands, {})).train(["one", "two"])

    assert [command[3] for command in commands] == ["one", "two"]
    assert verdict.outcome is StageOutcome.PASSED


def test_a_run_without_a_name_begins_anew(tmp_path: Path) -> None:
    commands: list[Sequence[str]] = []
    for _ in range(2):
        forget_results(tmp_path / "results")
        Training(tmp_path, tmp_path / "results", harness(commands, {})).train(["one"])

    assert len(commands) == 2


def test_training_that_breaks_is_neither_passed_nor_refused(tmp_path: Path) -> None:
    with pytest.raises(StageFailed, match="exit code 1"):
        Training(tmp_path, tmp_path / "results", harness([], {"one": 1})).train(["one"])


def test_without_a_changed_model_there_is_nothing_to_train_or_package(tmp_path: Path) -> None:
    assert Training(tmp_path, tmp_path / "results").train([]).outcome is StageOutcome.SKIPPED
    assert package(tmp_path / "results", tmp_path / "store").outcome is StageOutcome.SKIPPED


def test_packaging_that_leaves_nothing_is_a_failure(tmp_path: Path) -> None:
    Training(tmp_path, tmp_path / "results", harness([], {})).train(["one"])

    with pytest.raises(StageFailed, match=r"left no package\.json"):
        package(tmp_path / "results", tmp_path / "store", lambda arguments: 0)
