"""Users, API tokens and tickets: who asks."""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.proxmox_simulator.refusal import not_authentic

ROOT = "root@pam"
#: privileges by path; a path's entry replaces what is inherited from above it, as an ACL does
Acl = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Caller:
    """A user, or a token of one.

    Attributes:
        name: `user@realm`, or `user@realm!token`.
        acl: its privileges; None means all (root@pam and tokens of root without privilege separation).
    """

    name: str
    acl: Acl | None

    @property
    def is_root(self) -> bool:
        """Whether this is root@pam itself: what is "only for root" isn't for root's tokens either."""
        return self.name == ROOT


@dataclass(slots=True)
class Accounts:
    """All users and tokens of the cluster."""

    root_password: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    _users: dict[str, tuple[str, Caller]] = field(default_factory=dict[str, tuple[str, Caller]])
    _tokens: dict[str, tuple[str, Caller]] = field(default_factory=dict[str, tuple[str, Caller]])
    _tickets: dict[str, tuple[str, Caller]] = field(default_factory=dict[str, tuple[str, Caller]])

    def __post_init__(self) -> None:
        self._users[ROOT] = (self.root_password, Caller(ROOT, None))

    def create_user(self, name: str, password: str, privileges: Mapping[str, Iterable[str]]) -> None:
        """A user who logs in by password."""
        self._users[name] = (password, Caller(name, _acl(privileges)))

    def create_token(self, name: str, privileges: Mapping[str, Iterable[str]] | None) -> str:
        """A token `user@realm!id`; its secret. Its user is made with it."""
        user = name.partition("!")[0]
        self._users.setdefault(user, (secrets.token_urlsafe(), Caller(user, {})))
        secret = secrets.token_hex(16)
        secret = "-".join((secret[:8], secret[8:12], secret[12:16], secret[16:20], secret[20:]))
        self._tokens[name] = (secret, Caller(name, None if privileges is None else _acl(privileges)))
        return secret

    def revoke_token(self, name: str) -> None:
        """Delete a token, as its owner would."""
        del self._tokens[name]

    def authenticate(self, verb: str, authorization: str, cookie: str, csrf: str) -> Caller:
        """Who sent a request with these headers; raises a 401 whose reason is Proxmox's (from memory)."""
        if authorization.startswith("PVEAPIToken="):
            return self._by_token(authorization.removeprefix("PVEAPIToken="))
        ticket = re.search(r"(?:^|;\s*)PVEAuthCookie=([^;]+)", cookie)
        if ticket is None:
            raise not_authentic("No ticket")
        if ticket[1] not in self._tickets:
            raise not_authentic("permission denied - invalid PVE ticket")
        expected, caller = self._tickets[ticket[1]]
        if verb != "GET" and not secrets.compare_digest(expected, csrf):
            raise not_authentic("Permission denied - invalid csrf token")
        return caller

    def _by_token(self, credentials: str) -> Caller:
        match = re.fullmatch(r"([^!=\s]+@[^!=\s]+)!([^=\s]+)=(.+)", credentials)
        if match is None:
            raise not_authentic("no tokenid specified")
        user, token, secret = match.groups()
        if user not in self._users:
            raise not_authentic(f"no such user ('{user}')")
        if f"{user}!{token}" not in self._tokens:
            raise not_authentic(f"no such token '{token}' for user '{user}'")
        expected, caller = self._tokens[f"{user}!{token}"]
        if not secrets.compare_digest(expected, secret):
            raise not_authentic("invalid token value!")
        return caller

    def log_in(self, user: str, password: str) -> tuple[str, str, Caller]:
        """A ticket and its CSRF token; a valid ticket is accepted in place of the password, to renew it."""
        expected, caller = self._users.get(user, ("", Caller(user, {})))
        renews = self._tickets.get(password, ("", None))[1] == caller
        if not renews and not (expected and secrets.compare_digest(expected, password)):
            raise not_authentic("authentication failure")
        ticket = f"PVE:{user}:{secrets.token_hex(4).upper()}::{secrets.token_hex(32)}"
        csrf = f"{secrets.token_hex(4).upper()}:{secrets.token_hex(20)}"
        self._tickets[ticket] = (csrf, caller)
        return ticket, csrf, caller

    def get(self, name: str) -> Caller | None:
        """The user or token of that name."""
        found = self._tokens.get(name) or self._users.get(name)
        return found[1] if found else None


def _acl(privileges: Mapping[str, Iterable[str]]) -> Acl:
    return {path: frozenset(names) for path, names in privileges.items()}
