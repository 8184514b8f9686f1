"""The examples in our docstrings are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "homeostat",
    "infra",
    "lifecycle",
    "serving",
    "model-source",
    "delivery",
    "alerting",
    "triage",
    "demo",
)


def modules_with_examples() -> list[str]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    shown = (path for path in paths if ">>>" in path.read_text(encoding="utf-8"))
    names = (path.relative_to(ROOT).with_suffix("").parts for path in shown)
    return [".".join(parts[1:] if parts[0] == "model-source" else parts) for parts in names]


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_of_a_module_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0
