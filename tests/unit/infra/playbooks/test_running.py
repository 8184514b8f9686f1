"""A playbook becomes progress, a recap, or one sentence; no secret and no process is left behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from infra.playbooks.command import Mode
from infra.playbooks.errors import PlaybookFailed

CHANGE = """\
    - name: Change one of them
      ansible.builtin.command: "true"
      changed_when: inventory_hostname == "two"
"""


def test_the_recap_counts_what_each_host_changed(playground):
    playground.write(CHANGE)

    recap = playground.run()

    assert {host.host: host.changed for host in recap.hosts} == {"localhost": 0, "one": 0, "two": 1}
    assert recap.in_short() == "changed two: 1"
    assert "Change one of them" in playground.said


def test_a_failure_is_one_sentence_with_the_host_the_task_and_the_line_that_decides(playground):
    playground.write("""\
    - name: Join the cluster
      ansible.builtin.shell: |
        echo 'time="2026-01-02T03:04:05Z" level=fatal msg="token is wrong"' >&2
        echo bye >&2
        exit 3
      changed_when: false
      when: inventory_hostname == "two"
""")

    with pytest.raises(PlaybookFailed) as failed:
        playground.run()

    assert str(failed.value) == (
        f"two: 'Join the cluster' failed: token is wrong. All that Ansible said is in {playground.log}."
    )


def test_a_failure_that_was_rescued_does_not_decide(playground):
    playground.write("""\
    - name: Drain
      block:
        - name: Evict
          ansible.builtin.command: "false"
      rescue:
        - name: Tell why
          ansible.builtin.fail:
            msg: a budget does not allow it
""")

    with pytest.raises(PlaybookFailed, match=r"^(one|two): 'Tell why' failed: a budget"):
        playground.run()


def test_of_a_loop_the_item_that_failed_tells_why(playground):
    playground.write("""\
    - name: Look
      ansible.builtin.shell: "[ {{ item }} = a ] || { echo {{ item }} is not there >&2; false; }"
      changed_when: false
      loop: [a, b]
""")

    with pytest.raises(PlaybookFailed, match="failed: b is not there"):
        playground.run()


def test_a_host_that_can_t_be_entered_is_told_as_such(playground):
    playground.write(
        "    - name: Enter\n      ansible.builtin.ping:\n",
        "  hosts: one\n  vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}\n",
    )

    with pytest.raises(PlaybookFailed, match=r"^one can't be reached by SSH \(Enter\): "):
        playground.run()


def test_a_hidden_result_stays_hidden_and_says_so(playground):
    playground.write("""\
    - name: Use the token
      ansible.builtin.fail:
        msg: the-very-secret
      no_log: true
""")

    with pytest.raises(PlaybookFailed, match="it handles a secret, so its output is not shown"):
        playground.run()
    assert "the-very-secret" not in playground.log.read_text()


def test_a_secret_reaches_tasks_by_the_environment_and_no_log(playground):
    playground.write("""\
    - name: Use the key
      ansible.builtin.shell: "[ $KEY = correct-horse ] && echo correct-horse >&2; false"
      environment:
        KEY: "{{ lookup('ansible.builtin.env', 'THE_KEY') }}"
      changed_when: false
""")

    with pytest.raises(PlaybookFailed) as failed:
        playground.run(secrets={"THE_KEY": "correct-horse"})

    assert "correct-horse" not in str(failed.value)
    assert "[redacted:known:" in str(failed.value)
    assert "correct-horse" not in playground.log.read_text()
    assert stat.S_IMODE(playground.log.stat().st_mode) == 0o600


def test_a_check_changes_nothing_and_shows_the_difference(playground, tmp_path):
    target = tmp_path / "file"
    playground.write(f"""\
    - name: Write
      ansible.builtin.copy:
        dest: {target}
        content: "new\\n"
        mode: "0644"
      when: inventory_hostname == "one"
""")

    recap = playground.run(mode=Mode.CHECK)

    assert not target.exists()
    ((host, task, diff),) = recap.diffs
    assert (host, task) == ("one", "Write")
    assert "+new" in diff


def test_what_tasks_tell_and_leave_comes_with_the_recap(playground):
    playground.write("""\
    - name: Tell
      ansible.builtin.debug:
        msg: "it is done"
    - name: Leave
      ansible.builtin.set_stats:
        data: {backup: {file: x}}
""")

    recap = playground.run()

    assert recap.told == ("it is done",)
    assert recap.left == {"backup": {"file": "x"}}


def test_a_playbook_that_ansible_can_t_read_is_one_sentence(playground):
    playground.write("    - name: Nonsense\n      no_such_module:\n")

    with pytest.raises(PlaybookFailed, match=r"^Ansible could not run: .*no_such_module"):
        playground.run()


def test_a_mistake_in_the_definition_is_told_before_ansible_starts(playground):
    playground.write(CHANGE)
    playground.definition.write_text(playground.definition.read_text().replace("role: agent", "role: agnet"))

    with pytest.raises(ConfigError, match="agnet"):
        playground.run()
    assert not (playground.state / "logs").exists()


_RUNNER = """\
import sys
from pathlib import Path
from infra.playbooks.running import Run, perform
root, state = Path(sys.argv[1]), Path(sys.argv[2])
perform(Run("play", root / "cluster.yaml"), root, state, lambda what: print(what, flush=True))
"""
WAIT = """\
    - name: Wait for long
      ansible.builtin.shell: echo $$ >> {pids}; exec sleep 600
      changed_when: false
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_a_run_whose_starter_ends_leaves_no_process(playground, tmp_path, number):
    pids = tmp_path / "pids"
    playground.write(WAIT.format(pids=pids))
    argv = [sys.executable, "-c", _RUNNER, str(playground.root), str(playground.state)]
    with subprocess.Popen(argv, cwd=Path(__file__).parents[4], stdout=subprocess.DEVNULL) as runner:
        _until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
        sleeping = [int(pid) for pid in pids.read_text().split()]
        # what the run started has its mark in the environment, ansible-playbook first of all
        runner.send_signal(number)
        runner.wait(60)
    if number == signal.SIGINT:
        _until(lambda: not any(_lives(pid) for pid in sleeping))
    else:
        # the tasks end with ansible-playbook, which sees at its next event that nobody listens
        for pid in sleeping:
            os.kill(pid, signal.SIGTERM)
    _until(lambda: not _runs(playground.root))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _runs(root: Path) -> bool:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if "ansible-playbook" in words and str(root) in words:
                return True
    return False


def _until(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.05)
