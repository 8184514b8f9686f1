"""The log of a run: redacted, followed live, and pruned with its folder."""

from __future__ import annotations

import threading
from pathlib import Path

from delivery.pipeline import keep_newest
from delivery.run_log import RunLog, follow

KEY = """before
-----BEGIN RSA PRIVATE KEY-----
c2hvcnQ=
bGluZXM=
-----END RSA PRIVATE KEY-----
after"""


def test_the_lines_of_a_private_key_never_reach_the_disk(tmp_path: Path) -> None:
    with RunLog(tmp_path / "log") as log:
        for line in KEY.splitlines():
            log.write(line)

    written = (tmp_path / "log").read_text()
    assert "c2hvcnQ=" not in written
    assert "bGluZXM=" not in written
    assert written.startswith("before\n")
    assert written.endswith("after\n")


def test_a_key_that_never_ends_is_redacted_as_well(tmp_path: Path) -> None:
    with RunLog(tmp_path / "log") as log:
        for line in KEY.splitlines()[:-2]:
            log.write(line)

    assert "bGluZXM=" not in (tmp_path / "log").read_text()


def test_a_follower_sees_every_line_once_though_it_came_first(tmp_path: Path) -> None:
    ended = threading.Event()
    seen: list[str] = []
    path = tmp_path / "log"
    follower = threading.Thread(target=lambda: seen.extend(follow(path, ended.is_set, pause_seconds=0.01)))
    follower.start()

    with RunLog(path) as log:
        for number in range(50):
            log.write(f"line {number}")
    ended.set()
    follower.join(timeout=10)

    assert seen == [f"line {number}" for number in range(50)]


def test_old_runs_are_pruned_except_those_that_go_on(tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / f"{number:06d}-abc").mkdir()

    keep_newest(tmp_path, 20, spared=lambda name: name.startswith("000001"))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"{number:06d}-abc" for number in (1, *range(5, 25))
    ]
