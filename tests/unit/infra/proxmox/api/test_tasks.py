"""Tasks followed to their end, and found again when the answer that named them was lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.proxmox.api import tasks
from infra.proxmox.api.clock import SystemClock
from infra.proxmox.api.locks import wait_until_unlocked
from infra.proxmox.api.patience import Patience
from infra.proxmox.api.session import Session
from infra.proxmox.api.writing import write
from infra.proxmox.errors import (
    Conflict,
    Declined,
    Locked,
    LostAnswer,
    StorageFull,
    TaskFailed,
    TookTooLong,
)
from tests.proxmox_simulator import Simulator

BRISK = Patience(deadline_seconds=20.0, first_seconds=0.005, longest_seconds=0.02)
CONFIG = "/nodes/pve1/qemu/201/config"


class Heard:
    """What was said, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._said = threading.Condition()

    def __call__(self, line: str) -> None:
        with self._said:
            self.lines.append(line)
            self._said.notify_all()

    def wait_for(self, part: str) -> None:
        with self._said:
            assert self._said.wait_for(lambda: any(part in line for line in self.lines), timeout=20)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def create(session: Session, vmid: int = 201, **more: str | int) -> Callable[[], object]:
    return lambda: session.create("/nodes/pve1/qemu", vmid=vmid, name="one", **more)


def creation(vmid: int = 201) -> tasks.Expected:
    return tasks.Expected("pve1", frozenset({"qmcreate"}), str(vmid))


def run_creation(session: Session, heard: Heard, **more: str | int) -> None:
    tasks.run(session, create(session, **more), creation(), heard, 30.0, locks=BRISK)


def creations(proxmox: Simulator) -> int:
    return sum(request[:2] == ("POST", "/nodes/pve1/qemu") for request in proxmox.requests)


@pytest.fixture
def machine(session: Session, heard: Heard) -> int:
    run_creation(session, heard)
    return 201


def test_a_task_is_followed_to_its_end(session: Session, proxmox: Simulator, heard: Heard) -> None:
    run_creation(session, heard)
    assert 201 in proxmox.vms
    assert all(task.exit_status == "OK" for task in proxmox.tasks)


def test_the_lines_of_a_long_task_are_told_while_it_runs(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    with ThreadPoolExecutor(1) as pool:
        proxmox.slow_task("qmcreate", 2.0)
        running = pool.submit(run_creation, session, heard)
        heard.wait_for("progress 25%")
        assert not running.done()
        running.result(timeout=30)


def test_a_failed_task_is_told_with_the_end_of_its_log(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    proxmox.fail_task("qmcreate", ["copying block 7", "the disk said no"])
    with pytest.raises(TaskFailed) as failure:
        run_creation(session, heard)
    assert "the disk said no" in failure.value.reason
    assert "copying block 7" in str(failure.value)
    assert creations(proxmox) == 1


def test_a_task_that_ends_with_warnings_is_no_failure_and_its_warnings_are_told(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    run_creation(session, heard)
    task = proxmox.tasks[-1]
    task.log.insert(0, "WARN: the volume is small")
    task.exit_status = "WARNINGS: 1"
    tasks.follow(session, task.upid, heard, 5.0)
    assert "the volume is small" in heard.lines[-1]


def test_a_task_that_outlasts_its_deadline_goes_on_and_is_told_as_such(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    with proxmox.held_task("qmcreate"), pytest.raises(TookTooLong, match="qmcreate 201 on pve1"):
        tasks.run(session, create(session), creation(), heard, 0.05)
    assert proxmox.tasks[-1].done.wait(20)
    assert proxmox.tasks[-1].exit_status == "OK"


def test_a_task_that_ends_for_want_of_space_names_the_storage(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    proxmox.fill("local-lvm")
    with pytest.raises(StorageFull, match="no space left"):
        run_creation(session, heard, scsi0="local-lvm:8")


@pytest.mark.parametrize("status", [500, 596])
def test_a_write_that_failed_before_its_effect_is_done_once_more(
    session: Session, proxmox: Simulator, heard: Heard, status: int
) -> None:
    proxmox.fail("POST", "/nodes/pve1/qemu", status=status)
    run_creation(session, heard)
    assert creations(proxmox) == 2
    assert [task.kind for task in proxmox.tasks] == ["qmcreate"]


@pytest.mark.parametrize("status", [500, 596])
def test_a_task_whose_answer_was_lost_is_found_and_followed_instead_of_started_again(
    session: Session, proxmox: Simulator, heard: Heard, status: int
) -> None:
    proxmox.fail("POST", "/nodes/pve1/qemu", status=status, after_effect=True)
    run_creation(session, heard)
    assert creations(proxmox) == 1
    assert 201 in proxmox.vms


def test_a_lost_task_that_fails_is_told_with_its_log(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    proxmox.close_connection("POST", "/nodes/pve1/qemu", after_effect=True)
    proxmox.fail_task("qmcreate", ["the disk said no"])
    with pytest.raises(TaskFailed, match="the disk said no"):
        run_creation(session, heard)


def test_a_task_of_ours_that_was_followed_already_is_not_taken_for_the_lost_one(
    session: Session, proxmox: Simulator, heard: Heard, machine: int
) -> None:
    del proxmox.vms[machine]
    proxmox.fail("POST", "/nodes/pve1/qemu", status=596)
    run_creation(session, heard)
    assert creations(proxmox) == 3
    assert machine in proxmox.vms


def test_a_task_of_another_token_is_not_taken_for_the_lost_one(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    proxmox._cluster.tasks.start("pve1", "qmcreate", "201", "someone@pve!else", lambda _: None)
    proxmox.fail("POST", "/nodes/pve1/qemu", status=596)
    run_creation(session, heard)
    assert creations(proxmox) == 2


def test_a_storages_lock_at_a_tasks_end_is_waited_for(
    session: Session, proxmox: Simulator, heard: Heard
) -> None:
    proxmox.fail_task(
        "qmcreate", ["can't lock file '/var/lock/pve-manager/pve-storage-local' - got timeout"], 2
    )
    run_creation(session, heard)
    assert creations(proxmox) == 3
    assert sum(line.startswith("waits: ") for line in heard.lines) == 2


def test_a_write_without_a_task_whose_answer_was_lost_after_its_effect_is_done(
    session: Session, proxmox: Simulator, machine: int
) -> None:
    proxmox.fail("PUT", CONFIG, status=596, after_effect=True)
    assert write_cores(session) is None
    assert sum(request.method == "PUT" for request in proxmox.requests) == 1


def test_a_write_without_a_task_whose_answer_was_lost_before_its_effect_is_sent_again(
    session: Session, proxmox: Simulator, machine: int
) -> None:
    proxmox.fail("PUT", CONFIG, status=596, times=2)
    write_cores(session)
    assert sum(request.method == "PUT" for request in proxmox.requests) == 3
    assert proxmox.vms[machine].config["cores"] == "3"


def test_a_write_that_never_gets_through_tells_so_at_the_end_of_the_patience(
    session: Session, proxmox: Simulator, machine: int
) -> None:
    proxmox.fail("PUT", CONFIG, status=596, times=1000)
    with pytest.raises(LostAnswer, match="596"):
        write_cores(session, Patience(0.1, 0.01, 0.02))


def test_what_proxmox_declines_with_a_sentence_is_not_repeated(
    session: Session, proxmox: Simulator, machine: int
) -> None:
    proxmox.fail("PUT", CONFIG, status=500, times=1000, message="the moon is full")
    with pytest.raises(Declined, match="the moon is full"):
        write_cores(session)
    assert sum(request.method == "PUT" for request in proxmox.requests) == 1


def test_a_change_of_someone_else_in_between_is_a_conflict(
    session: Session, proxmox: Simulator, machine: int
) -> None:
    digest = session.get(CONFIG)["digest"]
    proxmox.vms[machine].config["cores"] = "7"
    with pytest.raises(Conflict, match="someone else"):
        session.set(CONFIG, cores=3, digest=digest)


def write_cores(session: Session, patience: Patience = BRISK) -> object:
    return write(
        lambda: session.set(CONFIG, cores=3),
        lambda: str(session.get(CONFIG).get("cores")) == "3",
        session.clock,
        patience=patience,
        locks=BRISK,
    )


def test_a_lock_is_waited_for_and_named(
    session: Session, proxmox: Simulator, machine: int, heard: Heard
) -> None:
    proxmox.lock(machine, "backup")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait_until_unlocked, session, "pve1", machine, heard, BRISK)
        heard.wait_for("'backup'")
        proxmox.unlock(machine)
        waiting.result(timeout=20)


def test_a_lock_that_stays_is_told_with_the_command_that_frees_it(
    session: Session, proxmox: Simulator, machine: int, heard: Heard
) -> None:
    proxmox.lock(machine, "migrate")
    with pytest.raises(Locked, match=f"qm unlock {machine}"):
        wait_until_unlocked(session, "pve1", machine, heard, Patience(0.05, 0.01, 0.02))


def test_a_lock_tells_which_task_holds_it_and_since_when(
    session: Session, proxmox: Simulator, machine: int, heard: Heard
) -> None:
    proxmox.lock(machine, "backup")
    running = threading.Event()
    proxmox._cluster.tasks.start("pve1", "vzdump", str(machine), "root@pam", lambda _: running.wait(20))
    with pytest.raises(Locked, match=r"task vzdump of root@pam since \d{4}-\d\d-\d\d"):
        wait_until_unlocked(session, "pve1", machine, heard, Patience(0.05, 0.01, 0.02))
    running.set()


def test_a_machine_that_is_not_there_is_not_locked(session: Session, heard: Heard) -> None:
    wait_until_unlocked(session, "pve1", 999, heard)
    assert heard.lines == []


def test_a_task_that_ends_at_a_lock_is_run_again_when_it_is_free_and_never_skips_it(
    session: Session, proxmox: Simulator, machine: int, heard: Heard
) -> None:
    proxmox.lock(machine, "snapshot")
    started = tasks.Expected("pve1", frozenset({"qmstart"}), str(machine))
    path = f"/nodes/pve1/qemu/{machine}/status/start"
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(
            tasks.run, session, lambda: session.create(path), started, heard, 30.0, locks=BRISK
        )
        heard.wait_for("locked")
        proxmox.unlock(machine)
        starting.result(timeout=20)
    assert proxmox.vms[machine].status == "running"
    assert not any("skiplock" in request.parameters for request in proxmox.requests)


def test_a_lock_file_that_another_process_holds_is_waited_for(
    session: Session, proxmox: Simulator, machine: int, heard: Heard
) -> None:
    proxmox.lock_timeout_seconds = 0.01
    with ThreadPoolExecutor(1) as pool:
        with proxmox.held_lock_file(machine):
            writing = pool.submit(
                write,
                lambda: session.set(CONFIG, cores=3),
                lambda: False,
                SystemClock(),
                heard,
                BRISK,
                BRISK,
            )
            heard.wait_for("can't lock file")
        writing.result(timeout=20)
    assert proxmox.vms[machine].config["cores"] == "3"


def test_what_is_no_upid_is_not_followed(session: Session, heard: Heard) -> None:
    with pytest.raises(ValueError, match="no UPID"):
        tasks.follow(session, "yes", heard, 1.0)


def test_a_task_that_proxmox_does_not_know_any_more_has_failed(session: Session, heard: Heard) -> None:
    with pytest.raises(TaskFailed, match="does not know the task"):
        tasks.follow(session, "UPID:pve1:00001000:00007000:65F0C1A2:qmstart:201:a@pve!b:", heard, 1.0)
