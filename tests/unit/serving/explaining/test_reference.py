"""The example in the reference is a right one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ct.spec import find_spec

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "reference" / "serving.md").read_text(encoding="utf-8")


def test_the_example_adds_up_and_has_the_features_of_its_model():
    (asked,) = re.findall(r":explain -d '(.*?)'", PAGE, re.DOTALL)
    (answered,) = re.findall(r'^    (\{"explanations".*?)\n\n', PAGE, re.DOTALL | re.MULTILINE)
    (found,) = json.loads(answered)["explanations"]
    names = find_spec(ROOT, "phishing_detector").feature_names
    assert tuple(found["contributions"]) == names == tuple(json.loads(asked)["instances"][0])
    assert found["base"] + sum(found["contributions"].values()) == pytest.approx(found["output"], abs=5e-4)
