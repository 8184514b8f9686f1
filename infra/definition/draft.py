"""What of a definition can be relied on while other parts of it have mistakes.

A rule between fields runs as soon as the parts that it needs hold for themselves, so that a typo in one node
does not hide that two others share an address; and it never runs on parts that don't, so that no mistake is
told twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from homeostat.errors import ConfigError
from homeostat.sentences import sentences
from infra.definition.document import Backups, Definition, Git, K3s, Nets, Registry, Ssh
from infra.definition.machines import Node, Proxmox, Role
from infra.definition.values import HostName

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Draft:
    """The sections and nodes that hold for themselves; None is a section that is absent or does not."""

    #: where the file lies: paths in it are relative to this
    folder: Path
    name: str | None
    proxmox: Proxmox | None
    network: Nets | None
    #: by what a sentence calls them: their name, or their place where the name says nothing
    nodes: Mapping[str, Node]
    #: of all nodes, those with mistakes too; None when one can't be told
    roles: Sequence[Role] | None
    ssh: Ssh | None
    k3s: K3s | None
    git: Git | None
    registry: Registry | None
    backups: Backups | None


def drafted(content: Mapping[str, Any], folder: Path) -> Draft:
    """Take from ``content`` what holds for itself."""
    raw = _raw_nodes(content)
    nodes = {label: _valid(one, Node) for label, one in zip(node_labels(content), raw, strict=True)}
    return Draft(
        folder=folder,
        name=_valid_name(content.get("name")),
        proxmox=_valid(content.get("proxmox"), Proxmox),
        network=_valid(content.get("network"), Nets),
        nodes={label: node for label, node in nodes.items() if node},
        roles=_roles(raw),
        # sections that may be left out have defaults worth checking
        ssh=_valid(content.get("ssh", {}), Ssh),
        k3s=_valid(content.get("k3s"), K3s),
        git=_valid(content.get("git"), Git),
        registry=_valid(content.get("registry"), Registry),
        backups=_valid(content.get("backups"), Backups),
    )


def field_mistakes(content: object, source: Path | str) -> tuple[Definition | None, Sequence[str]]:
    """Validate field by field: the definition, or a sentence for each mistake with nodes called by name.

    Raises:
        ConfigError: when ``content`` is not even a mapping.
    """
    if not isinstance(content, Mapping):
        found = "an empty file" if content is None else f"a {type(content).__name__}"
        raise ConfigError(source, [f"must be a mapping of keys to values, not {found}."])
    try:
        return Definition.model_validate(content), ()
    except ValidationError as error:
        labels = node_labels(cast("Mapping[str, Any]", content))
        return None, [_by_name(told, labels) for told in sentences(error, Definition)]


def node_labels(content: Mapping[str, Any]) -> Sequence[str]:
    """What sentences call each node: its name, or its place (from 0) when it has none of its own."""
    names = [_raw_field(one, "name") for one in _raw_nodes(content)]
    counts = Counter(name for name in names if isinstance(name, str))
    return [
        # a name of digits could be mistaken for a place
        name
        if isinstance(name, str) and counts[name] == 1 and _valid_name(name) and not name.isdecimal()
        else str(place)
        for place, name in enumerate(names)
    ]


def _by_name(told: str, labels: Sequence[str]) -> str:
    for place, label in enumerate(labels):
        told = told.replace(f"'nodes.{place}.", f"'nodes.{label}.").replace(
            f"'nodes.{place}'", f"'nodes.{label}'"
        )
    return told


def _raw_nodes(content: Mapping[str, Any]) -> Sequence[Any]:
    nodes = content.get("nodes")
    return cast("list[Any]", nodes) if isinstance(nodes, list) else []


def _raw_field(node: object, field: str) -> object:
    return cast("Mapping[str, object]", node).get(field) if isinstance(node, Mapping) else None


def _valid(content: object, kind: type[M]) -> M | None:
    """``content`` as a ``kind``; unknown keys alone don't stand in the way, as they are told anyway."""
    try:
        return kind.model_validate(content, extra="ignore")
    except ValidationError:
        return None


def _valid_name(name: object) -> str | None:
    try:
        return cast("str", TypeAdapter[Any](HostName).validate_python(name))
    except ValidationError:
        return None


def _roles(raw: Sequence[Any]) -> Sequence[Role] | None:
    found: list[Role] = []
    for one in raw:
        role = _raw_field(one, "role")
        if not isinstance(role, str) or role not in set(Role):
            return None
        found.append(Role(role))
    return found or None
