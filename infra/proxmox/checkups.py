"""What ``homeostat doctor`` asks Proxmox: whether it answers, lets us in, and has what cluster.yaml names."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from pathlib import Path
from threading import RLock

from homeostat.doctor import Checkup, Finding, Level, without_definition
from homeostat.errors import MachineError
from infra.definition.document import Definition
from infra.definition.load import FILE_NAME, load_definition
from infra.proxmox.api.patience import Patience
from infra.proxmox.api.session import Session
from infra.proxmox.checks import places, reach, rights
from infra.proxmox.errors import NotAllowed, Unauthorized, Unreachable
from infra.proxmox.found import Landscape
from infra.proxmox.reading import read_landscape
from infra.proxmox.wanted import Wanted, wanted
from infra.secret_store.checkups import sops_at_hand
from infra.secret_store.store import Secrets

#: a person waits for the doctor
_PATIENCE = Patience(deadline_seconds=8.0)
_ANSWERS = "proxmox answers"
_CERTIFICATE = "proxmox certificate"
_RIGHTS = "proxmox token's rights"
_EXCESS = "proxmox token's excess"
_CLOCK = "proxmox clock"
_HARDWARE = "proxmox hosts"
_NUMBERS = "proxmox machine numbers"
_TEMPLATE = "proxmox template"
_VLAN = "proxmox VLAN"
_NAMES = (
    _ANSWERS,
    _CERTIFICATE,
    _RIGHTS,
    _EXCESS,
    _CLOCK,
    _HARDWARE,
    _NUMBERS,
    _TEMPLATE,
    _VLAN,
)


def checkups(root: Path, state: Path) -> Iterable[Checkup]:
    """The checkups for the ``cluster.yaml`` at ``root``; all skipped where there is none."""
    if not (root / FILE_NAME).exists():
        return without_definition(_NAMES, FILE_NAME)
    secrets = Secrets(root, os.environ, partial(sops_at_hand, root, state))
    return checkups_of(
        load_definition(root / FILE_NAME), lambda: secrets.get("proxmox_token").get_secret_value()
    )


def checkups_of(definition: Definition, secret: Callable[[], str]) -> Iterable[Checkup]:
    """The checkups for ``definition``, with the token's ``secret`` asked for when one of them needs it."""
    seen = _Seen(definition, secret)
    looks: dict[str, Callable[[], Finding]] = {
        _RIGHTS: lambda: rights.missing(seen.session, definition),
        _EXCESS: lambda: rights.excess(seen.session, definition),
        _CLOCK: lambda: reach.clock(seen.session),
        _HARDWARE: lambda: places.hardware(seen.wishes, seen.landscape),
        _NUMBERS: lambda: places.numbers(seen.session, seen.wishes, seen.landscape),
        _TEMPLATE: lambda: places.template(seen.session, definition, seen.landscape),
        _VLAN: lambda: places.vlan(seen.session, definition, seen.landscape),
    }
    return [
        Checkup(_ANSWERS, lambda: reach.version(seen.session)),
        Checkup(_CERTIFICATE, lambda: reach.certificates(definition.proxmox)),
        *(Checkup(name, partial(_when_let_in, look)) for name, look in looks.items()),
    ]


class _Seen:
    """What the checkups look at, each read once, by whichever asks first."""

    def __init__(self, definition: Definition, secret: Callable[[], str]) -> None:
        self._definition = definition
        self._secret = secret
        self._reading = RLock()
        self.wishes: Wanted = wanted(definition, ())

    @property
    def session(self) -> Session:
        with self._reading:
            return self._session

    @property
    def landscape(self) -> Landscape:
        with self._reading:
            return self._landscape

    @cached_property
    def _session(self) -> Session:
        session = Session.open(self._definition.proxmox, self._secret(), patience=_PATIENCE)
        # nobody tells the checkups which of them is the last
        weakref.finalize(self, session.close)
        return session

    @cached_property
    def _landscape(self) -> Landscape:
        return read_landscape(self.session, self.wishes)


def _when_let_in(look: Callable[[], Finding]) -> Finding:
    """What ``look`` finds; skipped where it can't be told for a reason that is a finding already."""
    try:
        return look()
    except (Unreachable, Unauthorized, MachineError):
        return Finding(
            Level.SKIPPED, f"it can't be told while Proxmox does not let us in (see '{_ANSWERS}')."
        )
    except NotAllowed:
        return Finding(
            Level.SKIPPED, f"it can't be told without the rights that are missing (see '{_RIGHTS}')."
        )
