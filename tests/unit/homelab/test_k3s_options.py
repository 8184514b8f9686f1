"""How the stand-in for K3s reads flags, files and variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeostat.yaml_text import to_yaml
from tests.homelab.k3s_stand_in.k3s import yaml_subset
from tests.homelab.k3s_stand_in.k3s.options import UsageError, read_options

#: anything that a configuration file's value may be; what YAML would read as no text is quoted by the writer
_TEXTS = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30)


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_gives_scalars_and_lists(tmp_path: Path) -> None:
    file = write(
        tmp_path, 'cluster-init: true # first\ntls-san:\n- 10.0.0.1\n- "a:b"\nnode-label: [x=1, "y=2"]\n'
    )
    options = read_options("server", [], {}, file)
    assert options.on("cluster-init")
    assert options.many("tls-san") == ["10.0.0.1", "a:b"]
    assert options.split("node-label") == ["x=1", "y=2"]


def test_flags_win_over_files_and_files_over_variables(tmp_path: Path) -> None:
    file = write(tmp_path, "token: of-file\nserver: https://file:6443\n")
    variables = {"K3S_TOKEN": "of-variable", "K3S_URL": "x", "K3S_NODE_NAME": "named"}
    options = read_options("agent", ["--token", "of-flag"], variables, file)
    assert options.one("token") == "of-flag"
    assert options.one("server") == "https://file:6443"
    assert options.one("node-name") == "named"


def test_later_files_win_and_a_plus_appends(tmp_path: Path) -> None:
    file = write(tmp_path, "node-label:\n  - a=1\ntoken: one\n")
    (tmp_path / "config.yaml.d").mkdir()
    (tmp_path / "config.yaml.d" / "50-more.yaml").write_text(
        "node-label+:\n  - b=2\ntoken: two\n", encoding="utf-8"
    )
    options = read_options("server", [], {}, file)
    assert options.many("node-label") == ["a=1", "b=2"]
    assert options.one("token") == "two"


@pytest.mark.parametrize("arguments", [["--cluster-inits"], ["--cluster-init=perhaps"], ["--token"]])
def test_flags_that_k3s_does_not_know_are_refused(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_options("server", arguments, {}, tmp_path / "none.yaml")


def test_a_key_that_k3s_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="flag provided but not defined: -clusterinit"):
        read_options("server", [], {}, write(tmp_path, "clusterinit: true\n"))


def test_an_agent_has_no_flags_of_servers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cluster-init"):
        read_options("agent", ["--cluster-init"], {}, tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "a: {b: c}\n",
        "a:\n  b: c\n",
        "- x\n",
        "a: 'x\n",
        "a: |\n  x\n",
        "a: 1\na: 2\n",
        "a: &x 1\n",
        "a: [1,\n 2]\n",
    ],
)
def test_what_lies_outside_of_the_subset_is_refused(text: str) -> None:
    with pytest.raises(yaml_subset.UnreadableError, match="line"):
        yaml_subset.parse(text)


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.lists(_TEXTS, min_size=1, max_size=3))
)
def test_lists_that_yaml_writes_are_read_as_they_were(content: dict[str, list[str]]) -> None:
    quoted = "".join(
        f"{key}:\n" + "".join(f"  - {_quoted(item)}\n" for item in items) for key, items in content.items()
    )
    assert yaml_subset.parse(quoted) == content
    assert to_yaml(content) is not None


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
