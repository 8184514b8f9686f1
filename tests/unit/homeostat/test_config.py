"""Every mistake in a configuration file is one sentence that says what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from homeostat.config import Document, load, parse
from homeostat.errors import ConfigError


class Disk(Document):
    size_bytes: int = Field(gt=0)


class Machine(Document):
    name: str
    disk: Disk
    spares: tuple[Disk, ...] = ()


def mistakes_in(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "machine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(path, Machine)
    assert raised.value.source == str(path)
    return list(raised.value.mistakes)


def test_a_right_file_becomes_a_frozen_document(tmp_path):
    path = tmp_path / "machine.yaml"
    path.write_text("name: a\ndisk: {size_bytes: 1}\n")
    machine = load(path, Machine)
    assert machine == Machine(name="a", disk=Disk(size_bytes=1))
    with pytest.raises(ValueError, match="frozen"):
        machine.name = "b"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nmae: a\ndisk: {size_bytes: 1}\n", "'nmae' is not a known key; did you mean 'name'?"),
        ("name: a\nzzz: 1\ndisk: {size_bytes: 1}\n", "'zzz' is not a known key."),
        ("disk: {size_bytes: 1}\n", "'name' is required and is missing."),
        (
            "name: a\ndisk: {size_byte: 1}\n",
            "'disk.size_byte' is not a known key; did you mean 'size_bytes'?",
        ),
        ("name: a\ndisk: {size_bytes: 0}\n", "'disk.size_bytes' is 0: must be more than 0."),
        (
            "name: a\ndisk: {size_bytes: 1}\nspares:\n- {size_bites: 2}\n",
            "'spares.0.size_bites' is not a known key; did you mean 'size_bytes'?",
        ),
        ("name: a\ndisk: []\n", "'disk': must be a mapping of keys to values."),
        ("", "must be a mapping of keys to values, not an empty file."),
        ("# only a comment\n", "must be a mapping of keys to values, not an empty file."),
        ("- name\n", "must be a mapping of keys to values, not a list."),
        ("name: a\nname: b\n", 'line 2 is not valid YAML: found duplicate key "name"'),
        ("name: [a\n", "is not valid YAML"),
        ("name: !!python/object:os.system {}\n", "is not valid YAML"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(text, sentence, tmp_path):
    assert any(sentence in mistake for mistake in mistakes_in(text, tmp_path))


def test_every_mistake_of_a_file_is_told_at_once(tmp_path):
    told = mistakes_in("nam: a\ndisk: {size_bytes: -1}\n", tmp_path)
    assert len(told) == 3
    assert all("\n" not in sentence and sentence[-1] in ".?" for sentence in told)


def test_the_message_carries_the_file_before_each_mistake(tmp_path):
    with pytest.raises(ConfigError, match=r"(?m)^here: 'name' is required") as raised:
        parse({}, Machine, source="here")
    assert str(raised.value).count("here: ") == 2


def test_a_missing_file_a_folder_and_bytes_that_are_no_text_are_named(tmp_path):
    with pytest.raises(ConfigError, match="does not exist"):
        load(tmp_path / "absent.yaml", Machine)
    with pytest.raises(ConfigError, match="is a folder"):
        load(tmp_path, Machine)
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"not UTF-8 text \(byte 9\)"):
        load(tmp_path / "latin.yaml", Machine)
