"""Makes rules.json: the facts about parameters and permissions of the API paths that the simulator serves.

Its input is Proxmox VE's API description (what `pvesh` and the API viewer show), as one JSON object of
path -> method -> {params, permissions}. Run once per description:

    python -m tests.proxmox_simulator.extract_rules API_DESCRIPTION.json
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, cast

RULES_FILE = Path(__file__).with_name("rules.json")

_SERVED = re.compile(
    r"/version|/nodes|/nodes/\{node\}/(status|network|tasks.*|storage|storage/\{storage\}"
    r"|storage/\{storage\}/(status|content|content/\{volume\}|download-url))"
    r"|/nodes/\{node\}/qemu|/nodes/\{node\}/qemu/\{vmid\}"
    r"|/nodes/\{node\}/qemu/\{vmid\}/(config|pending|clone|resize|template|migrate|move_disk|feature|unlink"
    r"|cloudinit|cloudinit/dump|status/.+|snapshot.*|agent/ping|agent/network-get-interfaces)"
    r"|/cluster/(nextid|resources|status|tasks)|/cluster/ha/(groups|rules|resources|status/current).*"
    r"|/pools.*|/storage|/storage/\{storage\}|/access/ticket"
)
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
    paths = {path: methods for path, methods in description.items() if _SERVED.fullmatch(path)}
    paths |= {path: methods for path, methods in _FROM_MEMORY.items() if path not in paths}
    kinds: list[Any] = []
    methods = {
        path: {verb: _method(rule, kinds) for verb, rule in verbs.items()} for path, verbs in paths.items()
    }
    return {"kinds": kinds, "paths": methods}


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
