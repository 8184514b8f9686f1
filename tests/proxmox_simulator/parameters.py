"""Checks parameters by their rules, with the sentences of PVE::JSONSchema (from memory)."""

import re
from collections.abc import Mapping
from typing import Any

from tests.proxmox_simulator.formats import check_format
from tests.proxmox_simulator.property_strings import NAMED, Keys, MalformedPropertyString, parse
from tests.proxmox_simulator.refusal import wrong_parameters
from tests.proxmox_simulator.rules import Schema

_NOT_KNOWN = "property is not defined in schema and the schema does not allow additional properties"
_MISSING = "property is missing and it is not optional"
#: Proxmox's limits of numbered options: net0 to net31, scsi0 to scsi30, ...
_NUMBERED = {
    "net": 31, "scsi": 30, "virtio": 15, "sata": 5, "ide": 3, "ipconfig": 31, "hostpci": 15, "usb": 13,
    "serial": 3, "parallel": 2, "numa": 7, "unused": 255, "virtiofs": 9,
}  # fmt: skip


def check_parameters(values: Mapping[str, str], params: Mapping[str, Schema]) -> None:
    """Raises a 400 that names every wrong, unknown or missing parameter."""
    errors: dict[str, str] = {}
    for name, value in values.items():
        schema = schema_of(name, params)
        mistake = _NOT_KNOWN if schema is None else check_value(name, value, schema)
        if mistake:
            errors[name] = mistake
    for name, schema in params.items():
        if not schema.get("optional") and name not in values:
            errors[name] = _MISSING
    if errors:
        raise wrong_parameters(errors)


def schema_of(name: str, params: Mapping[str, Schema]) -> Schema | None:
    """The rule for `name`: `scsi3` is ruled by `scsi[n]`."""
    if name in params and "[n]" not in name:
        return params[name]
    match = re.fullmatch(r"([a-z]+)(0|[1-9]\d*)", name)
    if match and int(match[2]) <= _NUMBERED.get(match[1], -1):
        return params.get(f"{match[1]}[n]")
    return None


def check_value(name: str, value: str, schema: Schema) -> str | None:
    """The first mistake in `value`; None when it is right."""
    return (
        _check_type(value, schema)
        or _check_bounds(value, schema)
        or _check_text(value, schema)
        or _check_format(name, value, schema)
    )


def _check_type(value: str, schema: Schema) -> str | None:
    kinds = {"integer": r"[+-]?\d+", "number": r"[+-]?\d+(\.\d+)?", "boolean": "[01]"}
    kind = str(schema.get("type"))
    if kind in kinds and not re.fullmatch(kinds[kind], value):
        return f"type check ('{kind}') failed - got '{value}'"
    return None


def _check_bounds(value: str, schema: Schema) -> str | None:
    if schema.get("type") not in ("integer", "number"):
        return None
    if "minimum" in schema and float(value) < float(schema["minimum"]):
        return f"value must have a minimum value of {schema['minimum']}"
    if "maximum" in schema and float(value) > float(schema["maximum"]):
        return f"value must have a maximum value of {schema['maximum']}"
    return None


def _check_text(value: str, schema: Schema) -> str | None:
    if "maxLength" in schema and len(value) > int(schema["maxLength"]):
        return f"value may only be {schema['maxLength']} characters long"
    if "minLength" in schema and len(value) < int(schema["minLength"]):
        return f"value must be at least {schema['minLength']} characters long"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return "value does not match the regex pattern"
    if "enum" in schema and value not in schema["enum"]:
        return f"value '{value}' does not have a value in the enumeration '{', '.join(schema['enum'])}'"
    return None


def _check_format(name: str, value: str, schema: Schema) -> str | None:
    form: Any = schema.get("format")
    if form is None:
        return None
    keys: Keys | None = NAMED.get(form) if isinstance(form, str) else form
    mistake = check_format(form, value) if keys is None else check_property_string(name, value, keys)
    return f"invalid format - {mistake}\n" if mistake else None


def check_property_string(name: str, text: str, keys: Keys) -> str | None:
    """The mistakes in a property string, one a line; None when it is right."""
    try:
        values = parse(text, keys)
    except MalformedPropertyString as mistake:
        return str(mistake)
    lines: list[str] = []
    for key, rule in keys.items():
        if key in values:
            found = check_value(key, values[key], dict(rule))
            if found:
                lines.append(f"{name}.{key}: {found.strip()}")
            needed = rule.get("requires")
            if needed and needed not in values:
                lines.append(f"{name}.{needed}: missing property - '{key}' requires this property")
        elif not rule.get("optional") and "alias" not in rule:
            lines.append(f"{name}.{key}: {_MISSING}")
    return "format error\n" + "\n".join(lines) if lines else None
