"""The encrypted file, read by ``sops`` with the owner's age key: through a pipe, and never onto the disk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

from infra.secret_store.errors import Undecryptable

LIMIT_SECONDS = 60
#: part of what sops says on stderr -> what to do; its own text is not shown, since it may quote a value
_REASONS: Sequence[tuple[str, str]] = (
    (
        "failed to open SOPS_AGE_KEY_FILE",
        "the file that SOPS_AGE_KEY_FILE names is not there; name the one that age-keygen made",
    ),
    (
        "no identity matched any of the recipients",
        "it is not encrypted to your age key; use the one whose public half is in its 'sops' block",
    ),
    (
        "identity did not match any of the recipients",
        "it is not encrypted to your age key; use the one whose public half is in its 'sops' block",
    ),
    (
        "failed to load age identities",
        "no age key is here; put yours into ~/.config/sops/age/keys.txt or name it in SOPS_AGE_KEY_FILE",
    ),
    ("sops metadata not found", "it is not encrypted"),
    ("MAC mismatch", "it was changed without sops; put back the committed file and change it with sops"),
    (
        "Could not decrypt value",
        "a value was changed without sops; put back the committed file and change it with sops",
    ),
)


def decrypt(path: Path, sops: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets in the file at ``path``, by name; those without a value are left out.

    Raises:
        Undecryptable: when sops can't read it, with what is missing.
    """
    content = cast("Mapping[str, object]", json.loads(decrypted(path, sops, environment, "json")))
    return {name: str(value) for name, value in content.items() if value not in ("", None)}


def decrypted(path: Path, sops: Path, environment: Mapping[str, str], form: Literal["json", "yaml"]) -> str:
    """The YAML file at ``path`` in plain text, with all of its documents.

    Raises:
        Undecryptable: when sops can't read it, with what is missing.
    """
    command = [sops, "--decrypt", "--input-type", "yaml", "--output-type", form, path]
    try:
        ran = subprocess.run(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Undecryptable(f"{path}: sops took longer than {LIMIT_SECONDS} s.") from None
    except OSError as error:
        raise Undecryptable(f"{path}: sops does not run: {error.strerror}.") from None
    if ran.returncode != 0:
        raise Undecryptable(f"{path} can't be decrypted: {_reason(ran.stderr, ran.returncode)}.")
    return ran.stdout


def _reason(said: str, code: int) -> str:
    # sops wraps its lines and draws a bar before them
    text = " ".join(said.replace("|", " ").split())
    for part, reason in _REASONS:
        if part in text:
            return reason
    return f"sops exits with {code}; run 'sops --decrypt' on it to see why"
