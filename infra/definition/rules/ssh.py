"""How the machines are entered."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from infra.definition.draft import Draft

_KINDS = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)


def user(draft: Draft) -> Iterator[str]:
    """Nobody enters as root: the roles forbid it, and would lock themselves out."""
    if draft.ssh and draft.ssh.user == "root":
        yield "'ssh.user' is 'root': the machines let no root in; choose another name, such as homeostat."


def keys(draft: Draft) -> Iterator[str]:
    """The private half is named, and only public halves are given."""
    if draft.ssh is None:
        return
    if draft.ssh.key_file.suffix == ".pub":
        yield (
            f"'ssh.key_file' is '{draft.ssh.key_file}': it names the public half; "
            f"must be the private one, {draft.ssh.key_file.with_suffix('')}."
        )
    for place, line in enumerate(draft.ssh.authorized_keys):
        # never quoted: it may be a private key that was pasted here
        if not is_public_key(line):
            yield (
                f"'ssh.authorized_keys.{place}' is no public key: must be one line such as "
                "'ssh-ed25519 AAAAC3... name', as the file with the ending .pub holds it."
            )


def is_public_key(line: str) -> bool:
    """Whether ``line`` is one of an authorized_keys file without options (sshd(8)).

    >>> is_public_key("ssh-ed25519 not-a-key me")
    False
    """
    words = line.split(maxsplit=2)
    if len(words) < 2 or words[0] not in _KINDS or "\n" in line.strip():
        return False
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error:
        return False
    # the key repeats its kind, after the length of that in four bytes (RFC 4253, section 6.6)
    length = int.from_bytes(blob[:4], "big")
    return blob[4 : 4 + length] == words[0].encode() and len(blob) > 4 + length
