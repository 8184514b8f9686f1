"""A plan as people read it, and as machines do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infra.proxmox.plan.actions import Action, Change, Effect, Kind, MachinePlan, Plan

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan, and the colour that it has on a terminal."""

    text: str
    style: str = ""


def text(plan: Plan) -> str:
    """The plan without colours."""
    return "\n".join(line.text for line in lines(plan))


def lines(plan: Plan) -> Sequence[Line]:
    """The plan, line by line: what is made (+), changed (~) and no longer wanted (-)."""
    return [*_lines(plan)]


def document(plan: Plan) -> dict[str, Any]:
    """The plan as plain data."""
    return {
        "cluster": plan.cluster,
        "empty": plan.empty,
        "actions": [_document(action) for action in plan.actions],
        "notes": list(plan.notes),
        "refused": dict(plan.refused),
    }


def _lines(plan: Plan) -> Iterator[Line]:
    for action in plan.template:
        yield Line(f"+ template {action.name} ({action.vmid}) on {action.host}", "green")
    for machine in plan.machines:
        yield from _machine(machine)
    for action in plan.removals:
        yield Line(f"- {action.name} ({action.vmid}) on {action.host}: {action.note}", "red")
        yield Line(
            f"{_INDENT}it stays, unless you say --remove, or 'homeostat proxmox destroy --node {action.name}'"
        )
    for sentence in plan.refused.values():
        yield Line(f"! {sentence}", "red")
    for note in plan.notes:
        yield Line(f"note: {note}", "yellow")
    if plan.empty:
        yield Line(f"Nothing to do: the machines of cluster {plan.cluster} are as cluster.yaml says.")
    else:
        yield Line(_summary(plan))


def _machine(machine: MachinePlan) -> Iterator[Line]:
    wanted = machine.wanted
    if machine.found is None:
        yield Line(f"+ {wanted.name} ({wanted.vmid}) on {wanted.host}", "green")
    else:
        yield Line(f"~ {wanted.name} ({wanted.vmid}) on {machine.found.host}", "yellow")
    for action in machine.actions:
        yield from _action(action)


def _action(action: Action) -> Iterator[Line]:
    note = f" ({action.note})" if action.note else ""
    yield Line(f"{_INDENT}{action.kind}{note}{_wish(action.kind)}")
    width = max((len(change.field) for change in action.changes), default=0)
    for change in action.changes:
        yield Line(f"{_INDENT * 2}{change.field:{width}}  {_change(change)}")


def _wish(kind: Kind) -> str:
    return ", only with --restart: until then these wait" if kind is Kind.RESTART else ""


def _change(change: Change) -> str:
    before = "" if change.before is None else f"{change.before} -> "
    after = "nothing" if change.after is None else change.after
    later = f"  [{change.effect}]" if change.effect is Effect.AT_RESTART else ""
    return f"{before}{after}{later}"


def _summary(plan: Plan) -> str:
    made = sum(machine.found is None for machine in plan.machines)
    changed = len(plan.machines) - made
    refused = f" {len(plan.refused)} out of reach." if plan.refused else ""
    return f"{made} to make, {changed} to change, {len(plan.removals)} no longer in the file.{refused}"


def _document(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind.value,
        "vmid": action.vmid,
        "name": action.name,
        "host": action.host,
        "changes": [
            {"field": one.field, "before": one.before, "after": one.after, "effect": one.effect.value}
            for one in action.changes
        ],
        "note": action.note,
    }
