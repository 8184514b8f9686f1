"""Every kind of configuration mistake has an example, and each example is answered with its sentence.

An example is ``tests/invalid/<kind>/<name of the check that rejects it>.yaml``; its first line says which
sentence: ``# expects: <part of the sentence>``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ct.spec import load_spec
from homeostat.config import load
from homeostat.errors import ConfigError
from homeostat.release import read_release
from homeostat.settings import Settings
from infra.definition.load import load_definition

EXAMPLES = Path(__file__).parents[1] / "invalid"
MARK = "# expects: "

#: kind -> what reads such a file
LOADERS: Mapping[str, Callable[[Path], object]] = {
    "cluster": load_definition,
    "model": load_spec,
    "release": read_release,
    "settings": lambda path: load(path, Settings),
}


@pytest.mark.parametrize("kind", LOADERS)
def test_every_kind_has_examples(kind):
    assert list((EXAMPLES / kind).glob("*.yaml"))


def test_every_example_has_a_loader():
    assert {path.parent.name for path in EXAMPLES.glob("*/*")} <= set(LOADERS)


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_an_invalid_example_is_answered_with_its_sentence(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(MARK), f"the first line must say '{MARK}<part of the sentence>'"
    with pytest.raises(ConfigError) as raised:
        LOADERS[path.parent.name](path)
    assert first.removeprefix(MARK) in str(raised.value)
    assert all("\n" not in mistake for mistake in raised.value.mistakes)
