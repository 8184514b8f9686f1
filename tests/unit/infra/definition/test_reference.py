"""The reference page says of each key what the code does: no key more, none less, and the same defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from infra.definition.document import Definition
from infra.definition.rules.capacity import HOST_RESERVE_BYTES, LEAST_DISK_BYTES, LEAST_MEMORY
from infra.definition.rules.versions import SUPPORTED
from infra.secret_store.names import KNOWN
from tests.unit.infra.definition.models import keys_of

PAGE = Path(__file__).parents[4] / "docs/reference/cluster-yaml.md"
ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def rows() -> Mapping[str, tuple[str, str]]:
    """The tables of the page: key -> its default as written, and its meaning."""
    return {match[1]: (match[2], match[3]) for match in ROW.finditer(PAGE.read_text(encoding="utf-8"))}


def shown(field: Any) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return "see below"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if default not in (None, (), {}, "") else "none"


def test_the_page_tells_every_key_with_its_default_and_no_other():
    secrets = {known.name: f"`{known.variable}`" for known in KNOWN.values()}
    keys = {key: shown(field) for key, field in keys_of(Definition).items()}
    assert {key: default for key, (default, _) in rows().items()} == {**keys, **secrets}


def test_the_page_tells_the_limits_that_the_rules_have():
    told = {key: meaning for key, (_, meaning) in rows().items()}
    gib = 2**30
    memory = [
        f"{least // gib} GiB for a{'n' if role == 'agent' else ''} {role}"
        for role, least in LEAST_MEMORY.items()
    ]
    assert all(part in told["nodes[].memory"] for part in memory)
    assert f"at least {LEAST_DISK_BYTES // gib} GiB" in told["nodes[].disk"]
    assert f"{HOST_RESERVE_BYTES // gib} GiB of it" in told["proxmox.hosts.<name>.memory"]
    assert " or ".join(f"{major}.{minor}" for major, minor in SUPPORTED) in told["k3s.version"]
