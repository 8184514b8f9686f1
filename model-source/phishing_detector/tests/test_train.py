"""What is particular to the phishing model."""

from pathlib import Path

from ct.data.contract import check_contract
from ct.spec import load_spec
from phishing_detector.train import load

MODEL = Path(__file__).parents[1] / "model.yaml"


def test_the_source_holds_1250_pages_that_keep_the_contract() -> None:
    rows = load()
    assert len(rows) == 1250
    check_contract(rows, load_spec(MODEL))


def test_half_of_the_pages_repeat_another_one() -> None:
    """If this changes, the split by feature values is still right, but the README is not."""
    features = list(load_spec(MODEL).feature_names)
    assert len(load().drop_duplicates(features)) == 625


def test_phishing_is_the_positive_class() -> None:
    rows = load()
    assert load_spec(MODEL).classes[1] == "phishing"
    assert (rows.verdict == "phishing").sum() == 548
