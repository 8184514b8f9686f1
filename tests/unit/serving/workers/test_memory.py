"""What a process costs, as the kernel counts it."""

from __future__ import annotations

import mmap
import os

from serving.workers.memory import memory_of


def test_memory_that_is_written_is_private_and_resident():
    before = memory_of()
    assert before is not None
    size = 64 * 1024 * 1024
    with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as block:
        for page in range(0, size, mmap.PAGESIZE):
            block[page] = 1
        after = memory_of(os.getpid())
        assert after is not None
        # what other threads of this process give back meanwhile is far less
        assert after.private_bytes - before.private_bytes > size * 0.8
        assert after.private_bytes <= after.proportional_bytes <= after.resident_bytes


def test_a_process_that_is_gone_has_no_memory():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert memory_of(pid) is None
