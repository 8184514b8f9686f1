"""How many workers: what the machine, the control group and a person say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.workers.cgroup import quota_cpus
from serving.workers.cpus import available_cpus, threads_per_worker, usable_cpus, worker_count


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)


def quota(tmp_path: Path, membership: str) -> float | None:
    (tmp_path / "membership").write_text(membership)
    return quota_cpus(tmp_path / "membership", tmp_path / "mount")


def test_version_2_counts_the_tightest_limit_above_the_process(tmp_path: Path):
    mount = tmp_path / "mount"
    group(mount / "kubepods" / "pod" / "container", cpu__max="max 100000\n")
    group(mount / "kubepods" / "pod", cpu__max="150000 100000\n")
    group(mount / "kubepods", cpu__max="400000 100000\n")
    assert quota(tmp_path, "0::/kubepods/pod/container\n") == 1.5


def test_version_2_in_a_container_that_sees_its_own_group_as_the_root(tmp_path: Path):
    group(tmp_path / "mount", cpu__max="50000 100000\n")
    assert quota(tmp_path, "0::/\n") == 0.5
    assert quota(tmp_path, "0::/kubepods/pod/of/the/host\n") == 0.5


@pytest.mark.parametrize("folder", ["cpu", "cpu,cpuacct"])
def test_version_1_reads_the_quota_of_its_cpu_controller(tmp_path: Path, folder: str):
    limited = tmp_path / "mount" / folder / "docker" / "abc"
    group(limited, cpu__cfs_quota_us="250000\n", cpu__cfs_period_us="100000\n")
    group(tmp_path / "mount" / folder, cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    membership = "9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/\n"
    assert quota(tmp_path, membership) == 2.5


def test_no_limit_is_none(tmp_path: Path):
    group(tmp_path / "mount", cpu__max="max 100000\n")
    assert quota(tmp_path, "0::/\n") is None
    assert quota(tmp_path, "") is None
    assert quota_cpus(tmp_path / "missing") is None


def test_a_file_that_says_something_else_is_no_limit(tmp_path: Path):
    group(tmp_path / "mount", cpu__max="many\n")
    assert quota(tmp_path, "0::/\n") is None


@given(st.integers(1, 512), st.none() | st.floats(0.001, 1024))
def test_there_is_a_worker_and_never_more_than_cpus(affinity: int, limit: float | None):
    cpus = usable_cpus(affinity, limit)
    assert 1 <= cpus <= affinity
    if limit is not None and limit >= 0.5:
        assert cpus <= limit + 0.5


@given(st.integers(1, 512), st.integers(1, 256))
def test_threads_fill_the_cpus_and_no_more(cpus: int, workers: int):
    threads = threads_per_worker(cpus, workers)
    assert threads >= 1
    assert threads * workers <= max(cpus, workers)


def test_what_a_person_asks_for_wins():
    assert worker_count(7, 2) == 7
    assert worker_count(None, 2) == 2
    assert available_cpus() >= 1
