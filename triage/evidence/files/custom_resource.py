"""What ``kubectl describe`` prints of a custom resource: its fields as a tree, with titles for keys.

Argo CD's Applications, certificates, Knative's revisions and all else that kubectl has no own form for are
printed so: ``operationState.finishedAt`` stands as ``Finished At`` below ``Operation State``, the members of
a list one after another without a mark, each with its keys in alphabetical order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triage.evidence.files.located import Located
from triage.evidence.files.outline import Part
from triage.evidence.kubernetes.statement import Path

#: what holds a list also when it has one member, which looks like a mapping
_LISTS = frozenset({"conditions", "resources", "history", "items", "containers", "sources", "failures"})
_NOTHING = frozenset({"<none>", "<unset>", "<nil>", "<unknown>"})


def is_custom_resource(root: Part) -> bool:
    """Whether the tree is that of an object which kubectl has no form of its own for."""
    return all(root.get(key) for key in ("API Version", "Kind"))


def custom_resource(root: Part) -> Located:
    """The object in the form in which the API would have said it."""
    lines: dict[Path, int] = {(): root.line.number}
    content = _mapping([one for one in root.below if one.key != "Events"], (), lines)
    metadata = content.get("metadata")
    content["metadata"] = {
        **(metadata if isinstance(metadata, dict) else {}),
        "name": root.text("Name"),
        "namespace": root.text("Namespace"),
    }
    return Located(content, lines)


def _mapping(parts: Sequence[Part], path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        if part.key:
            key = _camel(part.key)
            lines[(*path, key)] = part.line.number
            found[key] = _value(part, key, (*path, key), lines)
    return found


def _value(part: Part, key: str, path: Path, lines: dict[Path, int]) -> Any:
    if not part.below:
        said = part.value.strip()
        return [] if key in _LISTS else None if said in _NOTHING else said
    members = _members(part.below)
    if key not in _LISTS and len(members) == 1:
        return _mapping(part.below, path, lines)
    found: list[Any] = []
    for at, member in enumerate(members):
        lines[(*path, at)] = member[0].line.number
        found.append(_mapping(member, (*path, at), lines))
    return found


def _members(parts: Sequence[Part]) -> Sequence[Sequence[Part]]:
    """A key that does not follow the one before it in the alphabet begins another member."""
    members: list[list[Part]] = []
    before = ""
    for part in parts:
        key = part.key.lower()
        if not members or key <= before:
            members.append([])
        members[-1].append(part)
        before = key
    return members


def _camel(title: str) -> str:
    """As the API spells a title.

    >>> _camel("Last Transition Time"), _camel("API Version"), _camel("Kind")
    ('lastTransitionTime', 'apiVersion', 'kind')
    """
    first, *others = title.split(" ")
    return (
        first.lower() + "".join(others)
        if first.isupper()
        else first[:1].lower() + first[1:] + "".join(others)
    )
