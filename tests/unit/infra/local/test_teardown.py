"""What lies where when a cluster is taken down: mounts, control groups, containers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.linux import mounts
from infra.local import ownership
from infra.local.cgroups import hierarchies
from infra.local.containers import first_in_namespace
from infra.local.errors import NotOurs
from infra.local.place import Place

STATE = Path("/state/cluster")


def test_what_was_mounted_last_is_unmounted_first() -> None:
    text = "tmpfs /state/cluster/a tmpfs rw 0 0\ntmpfs /state/cluster/a/b tmpfs rw 0 0\n"
    assert mounts.below(STATE, text) == [STATE / "a" / "b", STATE / "a"]


def test_a_folder_whose_name_only_begins_alike_is_left_alone() -> None:
    assert mounts.below(STATE, "tmpfs /state/cluster-of-another tmpfs rw 0 0\n") == []


@given(st.lists(st.text("ab \t\n\\", min_size=1, max_size=4), max_size=5))
def test_names_with_blanks_are_read_as_the_kernel_writes_them(names: list[str]) -> None:
    def written(name: str) -> str:
        return "".join(f"\\{ord(char):03o}" if char in " \t\n\\" else char for char in name)

    text = "".join(f"x /state/cluster/{written(name)}/ t rw 0 0\n" for name in names)
    assert mounts.below(STATE, text) == [STATE / name for name in reversed(names)]


def test_only_hierarchies_of_control_groups_count() -> None:
    text = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
    assert hierarchies(text) == [Path("/sys/fs/cgroup/unified")]


def test_the_first_process_of_a_container_is_told_from_those_it_started() -> None:
    assert first_in_namespace("NSpid:\t100\t1\n")
    assert not first_in_namespace("NSpid:\t101\t2\n")
    assert not first_in_namespace("NSpid:\t1\n")
    assert not first_in_namespace("")


def test_a_folder_without_the_mark_is_never_removed(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "cluster")
    place.folder.mkdir()
    (place.folder / "precious").touch()
    with pytest.raises(NotOurs, match="kept"):
        ownership.remove(place)
    assert (place.folder / "precious").exists()


def test_a_folder_with_something_else_in_it_is_not_claimed(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "cluster")
    place.folder.mkdir()
    (place.folder / "precious").touch()
    with pytest.raises(NotOurs, match="precious"):
        ownership.claim(place)


def test_a_claimed_folder_is_removed_with_all_that_is_in_it(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "cluster")
    assert ownership.claim(place) == [str(place.folder)]
    assert ownership.claim(place) == []
    place.etcd.mkdir()
    assert ownership.remove(place) == [str(place.folder)]
    assert ownership.remove(place) == []
