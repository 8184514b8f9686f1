"""Where rows come from, and the contract that they must keep."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from ct.data.contract import check_contract
from ct.data.dataset import canonical, data_sha256
from ct.data.rows import checked_rows
from ct.data.source import load_held_out, load_rows
from ct.errors import DataContractBroken, DataUnavailableError, TrainingCodeError
from ct.spec import DataSource, HeldOut, ModelSpec, load_spec
from homeostat import digest
from homeostat.errors import Refused
from tests.unit.ct.small_repository import PHISHING


@pytest.fixture
def spec() -> ModelSpec:
    return load_spec(PHISHING)


def _from_file(spec: ModelSpec, path: str, sha256: str, test: HeldOut | None = None) -> ModelSpec:
    source = DataSource(target="verdict", path=path, sha256=sha256, test=test)
    return spec.model_copy(update={"data": source})


def _folder(root: Path) -> Path:
    folder = root / "model-source" / "phishing_detector"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_of_the_declared_bytes_is_read(
    spec: ModelSpec, phishing_rows: pd.DataFrame, tmp_path: Path, suffix: str
) -> None:
    path = _folder(tmp_path) / f"rows.{suffix}"
    phishing_rows.to_csv(path, index=False) if suffix == "csv" else phishing_rows.to_parquet(path)
    declared = _from_file(spec, path.name, digest.of_file(path))
    read = canonical(load_rows(declared, tmp_path), spec)
    assert data_sha256(spec, read) == data_sha256(spec, canonical(phishing_rows, spec))


def test_other_bytes_than_declared_are_refused(spec: ModelSpec, tmp_path: Path) -> None:
    (_folder(tmp_path) / "rows.csv").write_text("a,verdict\n1,phishing\n")
    with pytest.raises(DataUnavailableError, match=r"its SHA-256 is .*, but model.yaml declares 0000"):
        load_rows(_from_file(spec, "rows.csv", "0" * 64), tmp_path)


def test_a_missing_file_is_named(spec: ModelSpec, tmp_path: Path) -> None:
    with pytest.raises(DataUnavailableError, match=r"rows\.csv: the file does not exist"):
        load_rows(_from_file(spec, "rows.csv", "0" * 64), tmp_path)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("no_such_model.train:load", "can't be imported"),
        ("phishing_detector.train:lod", "has no function 'lod'"),
        ("homeostat.paths:repository_root", "must answer a pandas DataFrame"),
        ("json:loads", r"raised TypeError"),
    ],
)
def test_a_loader_that_misbehaves_is_told_in_one_sentence(
    spec: ModelSpec, tmp_path: Path, reference: str, reason: str
) -> None:
    broken = spec.model_copy(update={"data": DataSource(target="verdict", loader=reference)})
    with pytest.raises(TrainingCodeError, match=reason):
        load_rows(broken, tmp_path)


def test_rows_of_a_held_out_test_are_not_trained_on(
    spec: ModelSpec, phishing_rows: pd.DataFrame, tmp_path: Path
) -> None:
    folder = _folder(tmp_path)
    phishing_rows.to_csv(folder / "rows.csv", index=False)
    phishing_rows.iloc[:200].to_csv(folder / "test.csv", index=False)
    test = HeldOut(path="test.csv", sha256=digest.of_file(folder / "test.csv"))
    declared = _from_file(spec, "rows.csv", digest.of_file(folder / "rows.csv"), test)
    assert load_held_out(declared, tmp_path) is not None
    rows, _ = checked_rows(declared, tmp_path)
    assert len(rows.test) == 200
    tested = {row.tobytes() for row in rows.test.X}
    assert not tested & {row.tobytes() for row in rows.train.X}


def _violations(rows: pd.DataFrame, spec: ModelSpec) -> tuple[str, ...]:
    with pytest.raises(DataContractBroken) as broken:
        check_contract(rows, spec)
    assert isinstance(broken.value, Refused)
    return broken.value.violations


def test_a_value_out_of_range_is_told_with_column_count_and_example(
    spec: ModelSpec, phishing_rows: pd.DataFrame
) -> None:
    rows = phishing_rows.copy()
    rows.loc[[3, 8], "age_of_domain"] = 7
    (told,) = _violations(rows, spec)
    assert told == (
        "In the training data, column 'age_of_domain': 2 of 1250 rows lie above the maximum 1, "
        "for example 7.0 (row 3)."
    )


def test_a_missing_column_is_told(spec: ModelSpec, phishing_rows: pd.DataFrame) -> None:
    left = [name for name in phishing_rows.columns if name != "https"]
    assert _violations(phishing_rows[left], spec) == (
        "In the training data, these columns are missing: https; there are: " + ", ".join(left) + ".",
    )


def test_a_text_among_numbers_is_told_once(spec: ModelSpec, phishing_rows: pd.DataFrame) -> None:
    rows = phishing_rows.astype({"https": object})
    rows.loc[5, "https"] = "yes"
    assert _violations(rows, spec) == (
        "In the training data, column 'https': 1 of 1250 rows are not numbers, for example 'yes' (row 5).",
    )


def test_a_fraction_among_whole_numbers_is_told(spec: ModelSpec, phishing_rows: pd.DataFrame) -> None:
    rows = phishing_rows.astype({"ip_in_url": float})
    rows.loc[2, "ip_in_url"] = 0.25
    (told,) = _violations(rows, spec)
    assert "1 of 1250 rows are not whole numbers, for example 0.25 (row 2)" in told


def test_a_missing_value_is_told_where_none_may_be(spec: ModelSpec, phishing_rows: pd.DataFrame) -> None:
    strict = spec.model_copy(
        update={"features": tuple(f.model_copy(update={"nullable": False}) for f in spec.features)}
    )
    rows = phishing_rows.copy()
    rows.loc[4, "https"] = float("nan")
    check_contract(rows, spec)
    (told,) = _violations(rows, strict)
    assert "column 'https': 1 of 1250 rows are missing" in told


def test_an_unknown_label_is_told(spec: ModelSpec, phishing_rows: pd.DataFrame) -> None:
    rows = phishing_rows.copy()
    rows.loc[0, "verdict"] = "perhaps"
    (told,) = _violations(rows, spec)
    assert (
        "hold none of the classes, the texts ['legitimate', 'phishing'], for example 'perhaps' (row 0)"
        in told
    )


def test_a_class_without_enough_rows_is_told(spec: ModelSpec, phishing_rows: pd.DataFrame) -> None:
    rows = phishing_rows[phishing_rows.verdict == "legitimate"]
    (told,) = _violations(rows, spec)
    assert told == "In the training data, class 'phishing' has 0 rows, but at least 5 are needed."
