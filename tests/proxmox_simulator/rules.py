"""Which paths and methods there are, and their parameters' rules (rules.json, made by extract_rules)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Schema = dict[str, Any]

RULES_FILE = Path(__file__).with_name("rules.json")
#: what Proxmox VE 9 brought (from memory of its release notes and API); 8.x knows neither path nor parameter
_PATHS_SINCE_9 = ("/cluster/ha/rules",)
_PARAMETERS_SINCE_9 = {
    ("/nodes/{node}/qemu", "ha-managed"),
    ("/nodes/{node}/qemu", "allow-ksm"),
    ("/nodes/{node}/qemu", "intel-tdx"),
    ("/nodes/{node}/qemu/{vmid}/config", "allow-ksm"),
    ("/nodes/{node}/qemu/{vmid}/config", "intel-tdx"),
    ("/cluster/ha/resources", "failback"),
    ("/cluster/ha/resources/{sid}", "failback"),
}


@dataclass(frozen=True, slots=True)
class Method:
    """One method of one path."""

    verb: str
    template: str
    params: Mapping[str, Schema]
    permissions: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """The methods of one major release of Proxmox VE."""

    major: int

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """The method that serves `path`, with the values in the path; None where there is none."""
        for template, pattern in _patterns().items():
            match = pattern.fullmatch(path)
            if match and not (self.major < 9 and template.startswith(_PATHS_SINCE_9)):
                method = _method(self.major, verb, template)
                return (method, {k: unquote(v) for k, v in match.groupdict().items()}) if method else None
        return None


@cache
def _document() -> dict[str, Any]:
    return json.loads(RULES_FILE.read_text())


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Paths as expressions, fixed words before placeholders; a volume's name may hold slashes."""
    paths: list[str] = sorted(_document()["paths"], key=lambda path: path.replace("{", "~"))
    return {path: re.compile(_expression(path)) for path in paths}


def _expression(template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] == 'volume' else '[^/]+'})", template)


@cache
def _method(major: int, verb: str, template: str) -> Method | None:
    document = _document()
    rule = document["paths"][template].get(verb)
    if rule is None:
        return None
    params = {
        name: document["kinds"][index]
        for name, index in rule["params"].items()
        if major >= 9 or (template, name) not in _PARAMETERS_SINCE_9
    }
    # until 8 one privilege stood for all that the guest agent does
    before_9 = {"check": ["perm", "/vms/{vmid}", ["VM.Monitor"]]}
    permissions = before_9 if major < 9 and "/agent/" in template else rule["permissions"]
    return Method(verb, template, params, permissions)
