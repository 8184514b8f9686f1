"""What labs there are on this machine, so that none takes another's network, and none survives its process.

A claim is a file that is locked as long as its lab's process lives; the kernel lets go of the lock, however
the process ends. A claim that nobody holds is of a lab that was killed: it is swept away with all that
it marked.
"""

from __future__ import annotations

import fcntl
import ipaddress
import json
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra.linux.sweep import sweep
from tests.homelab.hosts import cgroups, network

#: gone after a restart of the machine, as are the processes and networks
CLAIMS = Path("/run/homeostat-labs")
#: hosts are asked to end, and after that they are ended
_GRACE_SECONDS = 0.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A lab's name on this machine, its network, and the folder that goes with it."""

    lab: str
    network: ipaddress.IPv4Network
    folder: Path
    stream: IO[str]

    @property
    def mark(self) -> str:
        """What the lab's processes carry in their environment."""
        return mark(self.lab)

    def release(self) -> None:
        """Remove everything of the lab, and then the claim."""
        with _one_at_a_time():
            _remove(self.lab, self.folder)
            (CLAIMS / f"{self.lab}.json").unlink()
            self.stream.close()


def mark(lab: str) -> str:
    """The mark of a lab's processes."""
    return f"homeostat-lab-{lab}"


def claim(folder: Path) -> Claim:
    """Sweep away labs whose processes were killed, and claim a network for a new one in ``folder``."""
    with _one_at_a_time():
        networks = [there for there in _claimed() if there is not None]
        lab = secrets.token_hex(3)
        stream = (CLAIMS / f".{lab}").open("w")
        fcntl.flock(stream, fcntl.LOCK_EX)
        made = Claim(lab, network.free_network(networks), folder / f"lab-{lab}", stream)
        json.dump({"network": str(made.network), "folder": str(made.folder)}, stream)
        stream.flush()
        (CLAIMS / f".{lab}").rename(CLAIMS / f"{lab}.json")
        made.folder.mkdir(parents=True)
        return made


def _claimed() -> Iterator[ipaddress.IPv4Network | None]:
    for path in sorted(CLAIMS.glob("*.json")):
        with path.open() as stream:
            said = json.load(stream)
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield ipaddress.IPv4Network(said["network"])
                continue
            _remove(path.stem, Path(said["folder"]))
            path.unlink()


def _remove(lab: str, folder: Path) -> None:
    sweep(mark(lab), grace_seconds=_GRACE_SECONDS)
    network.remove(lab)
    cgroups.remove(f"{lab}-*")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_at_a_time() -> Generator[None]:
    CLAIMS.mkdir(parents=True, exist_ok=True)
    with (CLAIMS / ".lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
