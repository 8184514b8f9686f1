"""Secrets of the roles go to hosts in files for root alone, never on a command line, which sudo logs."""

from __future__ import annotations

import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from homeostat.paths import repository_root
from homeostat.yaml_text import parse_yaml
from tests.unit.infra.playbooks.backup_program import PROGRAM

ANSIBLE = repository_root(Path(__file__)) / "ansible"
#: what a task may not hold where a command line is made of it, as infra/secret_store names secrets
_SECRETS = ("_SECRET_KEY", "_ACCESS_KEY", "_PASSWORD", "_USERNAME", "_TOKEN')", "token.content")


def tasks(content: Any) -> Iterator[Mapping[str, Any]]:
    """All tasks and plays in a file, those in blocks too."""
    for entry in content or []:
        yield entry
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks"):
            yield from tasks(entry.get(part))


def everything() -> list[tuple[str, Mapping[str, Any]]]:
    files = [*ANSIBLE.glob("roles/*/tasks/*.yml"), *ANSIBLE.glob("playbooks/*.yml")]
    return [
        (f"{path.relative_to(ANSIBLE)}: {task.get('name')}", task)
        for path in files
        for task in tasks(parse_yaml(path.read_text(encoding="utf-8"), path.name))
    ]


def test_no_task_gives_a_secret_to_a_command_line_or_an_environment() -> None:
    found = everything()
    assert len(found) > 100
    parts = ("environment", "ansible.builtin.command", "ansible.builtin.shell", "ansible.builtin.script")
    told = [
        name
        for name, task in found
        for part in parts
        if any(secret in _without_input(task.get(part)) for secret in _SECRETS)
    ]
    assert told == []


def test_what_looks_a_secret_up_is_not_logged() -> None:
    # that two words are there is asked by an assert, which says nothing of what they are
    told = [
        name
        for name, task in everything()
        if any(secret in str(task.get("ansible.builtin.copy")) for secret in _SECRETS)
        and task.get("no_log") is not True
    ]
    assert told == []


def _without_input(arguments: Any) -> str:
    if isinstance(arguments, Mapping):
        return str({name: value for name, value in arguments.items() if name != "stdin"})
    return str(arguments)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(PROGRAM))
    return runpy.run_path(str(PROGRAM / "__main__.py"))["keys"]


def test_the_program_reads_the_keys_of_the_bucket_as_they_are(keys, tmp_path: Path) -> None:
    path = tmp_path / "backup.env"
    path.write_text("BACKUP_S3_ACCESS_KEY=key\nBACKUP_S3_SECRET_KEY=a=b\\c 'd\n")
    assert keys(path) == ("key", "a=b\\c 'd")


def test_a_bucket_without_keys_is_told(keys, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="its keys are not in"):
        keys(tmp_path / "backup.env")
