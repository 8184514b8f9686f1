"""The passwords that servers and agents join with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from .log import FatalError
from .options import Options
from .paths import Paths, write
from .token import Token, TokenError, ca_hash, parse


@dataclass(slots=True)
class Passwords:
    """What the supervisor holds requests against; changed by a rotation while it runs."""

    server: str
    agent: str

    def change(self, server: str, paths: Paths) -> None:
        """Let servers join with another token from now on."""
        if self.agent == self.server:
            self.agent = server
        self.server = server
        self.write(paths)

    def write(self, paths: Paths) -> None:
        """Put the tokens where people and roles read them."""
        found = ca_hash((paths.tls / "server-ca.crt").read_bytes())
        write(paths.token, f"{Token(self.server, 'server', found)}\n")
        write(paths.server / "agent-token", f"{Token(self.agent, 'node', found)}\n")
        link = paths.server / "node-token"
        link.unlink(missing_ok=True)
        link.symlink_to(paths.token)


def given_token(options: Options, name: str = "token") -> Token | None:
    """The token that K3s was told, if it was.

    Raises:
        FatalError: when it is none.
    """
    text = options.one(name)
    if not text and (file := options.one(f"{name}-file")):
        try:
            text = Path(file).read_text()
        except OSError as error:
            raise FatalError(f"open {file}: {error.strerror}") from None
    try:
        return parse(text) if text else None
    except TokenError as error:
        raise FatalError(str(error)) from None


def server_password(options: Options, paths: Paths) -> str:
    """The server's password: told, else from an earlier start, else a new one."""
    if given := given_token(options):
        return given.password
    if paths.token.exists():
        return parse(paths.token.read_text()).password
    return secrets.token_hex(16)


def passwords(options: Options, paths: Paths) -> Passwords:
    """Both passwords; agents use the servers' unless they have one of their own."""
    server = server_password(options, paths)
    agent = given_token(options, "agent-token")
    return Passwords(server, agent.password if agent else server)
