"""What a site keeps in its state folder: secrets, logs, its mark, its revision."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from infra.process import ownership
from infra.process.errors import NotOurs
from infra.process.site import DIVISOR_VARIABLE, open_site
from infra.process.state import logs, secret_files


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = secret_files.secret(tmp_path / "secrets", "token")
    assert secret_files.secret(tmp_path / "secrets", "token") == first
    assert len(first) >= 43  # 32 random bytes in base64
    assert stat.S_IMODE((tmp_path / "secrets" / "token").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["token"]


def test_two_secrets_differ(tmp_path: Path) -> None:
    assert secret_files.secret(tmp_path, "one") != secret_files.secret(tmp_path, "two")


def test_those_who_ask_at_once_get_the_same_secret(tmp_path: Path) -> None:
    seen: set[str] = set()
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        seen.add(secret_files.secret(tmp_path, "token"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 1


def test_a_full_log_is_kept_once_and_its_writer_goes_on(tmp_path: Path) -> None:
    descriptor = logs.open_log(tmp_path, "web")
    os.write(descriptor, b"x" * 2000 + b"\nlast\n")
    logs.bound(tmp_path, ["web"], largest_bytes=1000)
    os.write(descriptor, b"goes on\n")
    os.close(descriptor)
    assert (tmp_path / "web.log").read_text() == "goes on\n"
    assert logs.last_lines(tmp_path / "web.log.1", 1) == ["last"]


def test_however_much_is_written_a_log_takes_two_bounds_at_most(tmp_path: Path) -> None:
    descriptor = logs.open_log(tmp_path, "web")
    for _ in range(20):
        os.write(descriptor, b"y" * 1001)
        logs.bound(tmp_path, ["web"], largest_bytes=1000)
    os.close(descriptor)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2002


def test_the_logs_of_former_services_are_dropped_oldest_first(tmp_path: Path) -> None:
    for age, name in enumerate(("new.log", "old.log", "oldest.log.1", "web.log")):
        (tmp_path / name).write_bytes(b"z" * 600)
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    logs.bound(tmp_path, ["web"], former_bytes=1300)
    assert {path.name for path in tmp_path.iterdir()} == {"new.log", "old.log", "web.log"}


def test_the_last_lines_of_a_log_that_is_not_there_are_none(tmp_path: Path) -> None:
    assert logs.last_lines(tmp_path / "none.log", 5) == []


def test_a_new_state_folder_is_marked_and_can_be_purged(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (state / "bootstrap").mkdir(parents=True)
    ownership.claim(state)
    ownership.purge(state)
    assert not state.exists()


def test_a_folder_with_the_files_of_somebody_else_is_never_purged(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    ownership.claim(tmp_path)
    with pytest.raises(NotOurs, match="kept"):
        ownership.purge(tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_the_divisor_of_alert_times_comes_from_the_environment_before_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "homeostat.yaml").write_text("alert_time_divisor: 2\n")
    assert open_site(tmp_path, tmp_path / "state").alert_time_divisor == 2
    monkeypatch.setenv(DIVISOR_VARIABLE, "20")
    assert open_site(tmp_path, tmp_path / "state").alert_time_divisor == 20


def test_a_divisor_that_is_no_number_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DIVISOR_VARIABLE, "fast")
    with pytest.raises(ConfigError, match="HOMEOSTAT_ALERT_TIME_DIVISOR: 'alert_time_divisor' is 'fast'"):
        open_site(tmp_path, tmp_path / "state")
