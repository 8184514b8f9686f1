"""What a caller may do where: ACLs with inheritance, pools, and the API's `check` expressions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.proxmox_simulator.accounts import Caller
from tests.proxmox_simulator.refusal import Refusal, not_permitted
from tests.proxmox_simulator.words import words

#: from memory of PVE::AccessControl; 9 replaced VM.Monitor by the privileges of the guest agent
PRIVILEGES = frozenset(
    words(
        """Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit
        Group.Allocate Mapping.Audit Mapping.Modify Mapping.Use Permissions.Modify Pool.Allocate
        Pool.Audit Realm.Allocate Realm.AllocateUser SDN.Allocate SDN.Audit SDN.Use Sys.AccessNetwork
        Sys.Audit Sys.Console Sys.Incoming Sys.Modify Sys.PowerMgmt Sys.Syslog User.Modify VM.Allocate
        VM.Audit VM.Backup VM.Clone VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit VM.Config.Disk
        VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options VM.Console VM.Migrate
        VM.PowerMgmt VM.Snapshot VM.Snapshot.Rollback"""
    )
)
SINCE_9 = frozenset(
    words(
        """VM.GuestAgent.Audit VM.GuestAgent.FileRead VM.GuestAgent.FileSystemMgmt VM.GuestAgent.FileWrite
        VM.GuestAgent.Unrestricted VM.Replicate"""
    )
)
UNTIL_8 = frozenset({"VM.Monitor"})
_NONE: frozenset[str] = frozenset()
#: the top folders that /access/permissions always lists
TOP_PATHS = ("/", "/access", "/nodes", "/pool", "/sdn", "/storage", "/vms")


@dataclass(frozen=True, slots=True)
class Permissions:
    """One caller's rights, as they are during one request.

    Attributes:
        pools: the pool of each VM and storage that is in one, by path.
    """

    caller: Caller
    major: int
    pools: Mapping[str, str]

    def on(self, path: str) -> frozenset[str]:
        """The effective privileges on `path`."""
        if self.caller.acl is None:
            return PRIVILEGES | (SINCE_9 if self.major >= 9 else UNTIL_8)
        pool = self.pools.get(path)
        return self._inherited(path) | (self._inherited(f"/pool/{pool}") if pool else _NONE)

    def _inherited(self, path: str) -> frozenset[str]:
        acl = self.caller.acl or {}
        parts = [part for part in path.split("/") if part]
        ancestors = ("/" + "/".join(parts[:n]) for n in range(len(parts), -1, -1))
        return next((acl[place] for place in ancestors if place in acl), _NONE)

    def has(self, path: str, *privileges: str) -> bool:
        """Whether the caller holds any of the privileges on `path`."""
        return not self.on(path).isdisjoint(privileges)

    def check(self, path: str, *privileges: str) -> None:
        """Raises a 403 that names the first privilege missing."""
        missing = [name for name in privileges if name not in self.on(path)]
        if missing:
            raise not_permitted(f"{path}, {missing[0]}")

    def check_any(self, path: str, *privileges: str) -> None:
        """Raises a 403 unless one of the privileges is held."""
        if not self.has(path, *privileges):
            raise not_permitted(f"{path}, {'|'.join(privileges)}")

    def check_rule(self, rule: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        """Apply a method's `permissions`, as PVE::RPCEnvironment::exec_api2_perm_check does."""
        if "check" in rule:
            self._expression(rule["check"], parameters)

    def _expression(self, expression: Sequence[Any], parameters: Mapping[str, str]) -> None:
        kind, *rest = expression
        if kind == "and":
            for part in rest:
                self._expression(part, parameters)
        elif kind == "or":
            if not any(self._holds(part, parameters) for part in rest):
                raise not_permitted()
        else:
            self._privileges(rest, parameters)

    def _privileges(self, rest: Sequence[Any], parameters: Mapping[str, str]) -> None:
        template, privileges, *options = rest
        named = dict(zip(options[::2], options[1::2], strict=True))
        if "require_param" in named and named["require_param"] not in parameters:
            raise not_permitted()
        path = re.sub(r"\{(\w+)\}", lambda match: parameters.get(match[1], ""), template)
        (self.check_any if named.get("any") else self.check)(path, *privileges)

    def _holds(self, expression: Sequence[Any], parameters: Mapping[str, str]) -> bool:
        try:
            self._expression(expression, parameters)
        except Refusal:
            return False
        return True

    def tree(self) -> dict[str, dict[str, int]]:
        """The answer of GET /access/permissions: path -> privilege -> whether it propagates."""
        paths = [*TOP_PATHS, *(self.caller.acl or {}), *self.pools]
        return {path: dict.fromkeys(sorted(self.on(path)), 1) for path in sorted(set(paths)) if self.on(path)}
