"""Makes rules.json: the facts about parameters and permissions of the API paths that the simulator serves.

Its input is Proxmox VE's API description (what `pvesh` and the API viewer show), as one JSON object of
path -> method -> {params, permissions}. Run once per description:

    python -m tests.proxmox_simulator.extract_rules API_DESCRIPTION.json
"""

import json
import sys
from pathlib import Path
from typing import Any, cast

from tests.proxmox_simulator import api as _registers_handlers  # noqa: F401  # pyright: ignore[reportUnusedImport]
from tests.proxmox_simulator.routes import HANDLERS
from tests.proxmox_simulator.rules import RULES_FILE

_TEXT_KEYS = ("description", "verbose_description", "format_description", "default", "title", "typetext")

# A description may lack these paths; parameters and permissions are from memory of the real ones.
_TEXT = {"type": "string", "optional": 1}
_FROM_MEMORY: dict[str, Any] = {
    "/access/permissions": {
        "GET": {
            "params": {"path": {**_TEXT, "pattern": r"/.*"}, "userid": _TEXT},
            "permissions": {"user": "all"},
        }
    },
    "/cluster/mapping/pci": {"GET": {"params": {"check-node": _TEXT}, "permissions": {"user": "all"}}},
}


def extract(description: dict[str, Any]) -> dict[str, Any]:
    """The served paths with their parameters; equal rules are kept once and referred to by index."""
    kinds: list[Any] = []
    paths: dict[str, Any] = {}
    for path, verbs in (_FROM_MEMORY | description).items():
        served = {verb: _method(rule, kinds) for verb, rule in verbs.items() if (verb, path) in HANDLERS}
        paths |= {path: served} if served else {}
    return {"kinds": kinds, "paths": paths}


def _method(rule: dict[str, Any], kinds: list[Any]) -> dict[str, Any]:
    check = dict(rule.get("permissions") or {})
    check.pop("description", None)
    return {
        "params": {name: _index(_stripped(schema), kinds) for name, schema in rule["params"].items()},
        "permissions": check,
    }


def _index(schema: Any, kinds: list[Any]) -> int:
    if schema not in kinds:
        kinds.append(schema)
    return kinds.index(schema)


def _stripped(schema: Any) -> Any:
    """A rule without its prose, and with Perl's `(?^:` spelled as Python spells it."""
    if isinstance(schema, dict):
        items = cast("dict[str, Any]", schema).items()
        return {
            key: _stripped(value) for key, value in items if key not in _TEXT_KEYS or isinstance(value, dict)
        }
    return schema.replace("(?^:", "(?:") if isinstance(schema, str) else schema


def main(source: Path) -> None:
    """Write rules.json, one line per kind and per method, so that a change shows as a line."""
    rules = extract(json.loads(source.read_text()))
    kinds = ",\n".join(json.dumps(kind, sort_keys=True) for kind in rules["kinds"])
    paths = ",\n".join(
        f"{json.dumps(path)}: {{"
        + ",\n  ".join(f"{json.dumps(v)}: {json.dumps(r)}" for v, r in verbs.items())
        + "}"
        for path, verbs in rules["paths"].items()
    )
    RULES_FILE.write_text(f'{{"kinds": [\n{kinds}\n],\n"paths": {{\n{paths}\n}}}}\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]))
