"""The public SSH keys that enter the machines, read where they lie."""

from __future__ import annotations

from homeostat.errors import ConfigError
from infra.definition.document import Definition


def public_keys(definition: Definition) -> tuple[str, ...]:
    """The public SSH keys of the file and of its key on this machine, each once.

    Raises:
        ConfigError: when the public half of the key can't be read.
    """
    path = definition.ssh.key_file.expanduser()
    public = path.with_name(f"{path.name}.pub")
    try:
        own = public.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        sentence = (
            f"'ssh.key_file' is {str(definition.ssh.key_file)!r}: its public half {public} can't be read "
            f"({reason}); make a pair with: ssh-keygen -t ed25519 -f {path}"
        )
        raise ConfigError("cluster.yaml", [sentence]) from None
    return tuple(dict.fromkeys([own, *(key.strip() for key in definition.ssh.authorized_keys)]))
