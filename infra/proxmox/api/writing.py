"""Writes that may be repeated, since the state is read again before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from infra.proxmox.api.clock import Clock
from infra.proxmox.api.patience import LOCKS, READING, Patience
from infra.proxmox.errors import Declined, Locked, LostAnswer, ProxmoxError, Unreachable

T = TypeVar("T")
#: tells a waiting person what is being waited for
Say = Callable[[str], None]


def write(
    action: Callable[[], T],
    is_done: Callable[[], bool],
    clock: Clock,
    say: Say = lambda _: None,
    patience: Patience = READING,
    locks: Patience = LOCKS,
) -> T | None:
    """Do ``action``, once: after a lost answer, again only when ``is_done`` reads that nothing happened.

    A lock is waited for. What Proxmox declines with a sentence is not repeated, unless ``is_done`` says that
    it happened all the same.

    Returns:
        What ``action`` returned, or None when the state shows that it happened although its answer was lost.

    Raises:
        ProxmoxError: it did not happen, or the patience ended.
    """
    lost = patience.attempts(clock)
    locked = locks.attempts(clock)
    next(lost)
    next(locked)
    while True:
        try:
            return action()
        except (LostAnswer, Unreachable, Locked, Declined) as error:
            if is_done():
                return None
            if not _again(error, lost, locked, say):
                raise


def _again(error: ProxmoxError, lost: Iterator[int], locked: Iterator[int], say: Say) -> bool:
    """Whether there is another attempt, after telling why and waiting for it."""
    if isinstance(error, Declined):
        return False
    if isinstance(error, Locked):
        say(f"waits: {error}")
        return next(locked, None) is not None
    say(f"once more, since the state shows that nothing happened: {error}")
    return next(lost, None) is not None
