"""The token's least privileges suffice, and when one is missing a sentence names it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeostat.doctor import Level
from infra.definition.document import Definition
from infra.proxmox.api.session import Session
from infra.proxmox.checks import rights
from infra.proxmox.errors import NotSuitable, ProxmoxError
from infra.proxmox.privileges import by_path, commands, grant, needs
from infra.proxmox.template.making import ensure_template
from tests.proxmox_simulator import Simulator
from tests.unit.infra.proxmox import samples

from .conftest import Define, Enter

#: with a device, HA and a pool, so that every line of the table is there
RICH = samples.definition(
    samples.node("server-1", 1, gpu={"mapping": "gpu"}, ha=True),
    samples.node("agent-1", 2, role="agent", host="pve2", storage="fast"),
    proxmox={"vlan": 20, "pool": "home"},
)
LINES = [(path, name) for path, names in by_path(RICH).items() for name in sorted(names)]
SIMPLE = [(path, name) for path, names in by_path(samples.definition()).items() for name in sorted(names)]


def said(line: str) -> None:
    """Listen."""


def without(definition: Definition, path: str, privilege: str) -> dict[str, frozenset[str]]:
    return {at: names - {privilege} if at == path else names for at, names in by_path(definition).items()}


def test_exactly_these_privileges_make_the_template(define: Define, enter: Enter, proxmox: Simulator) -> None:
    definition = define()
    ensure_template(enter(definition, by_path(definition)), definition, said)
    assert proxmox.vms[9000].config["template"] == "1"


def test_rights_on_the_pool_alone_make_it_as_well(define: Define, enter: Enter, proxmox: Simulator) -> None:
    definition = define(pool="home")
    enter(definition).create("/pools", poolid="home")
    ensure_template(enter(definition, by_path(definition)), definition, said)
    assert proxmox.vms[9000].config["tags"] == "homeostat;homeostat-template"
    assert proxmox.vms[9000].config["template"] == "1"


@pytest.mark.parametrize(("path", "privilege"), SIMPLE)
def test_with_one_missing_the_template_is_made_or_a_sentence_names_it(
    define: Define, enter: Enter, proxmox: Simulator, path: str, privilege: str
) -> None:
    definition = define()
    session = enter(definition, without(definition, path, privilege))
    told = refusal_of(session, definition)
    assert told is None or privilege in told
    assert told is not None or proxmox.vms[9000].config["template"] == "1"


def refusal_of(session: Session, definition: Definition) -> str | None:
    try:
        ensure_template(session, definition, said)
    except (NotSuitable, ProxmoxError) as refusal:
        return str(refusal)
    return None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(removed=st.sets(st.sampled_from(LINES)))
def test_the_doctor_names_exactly_the_missing_ones_with_commands(
    enter: Enter, proxmox: Simulator, define: Define, removed: set[tuple[str, str]]
) -> None:
    held = {
        path: frozenset(name for name in names if (path, name) not in removed)
        for path, names in by_path(RICH).items()
    }
    finding = rights.missing(enter(define(), held), RICH)
    assert (finding.level is Level.OK) == (not removed)
    for path, name in removed:
        assert name in finding.sentence
        assert f"pveum acl modify {path} " in finding.remedy
    kept = {name for _, name in LINES} - {name for _, name in removed}
    assert not any(f" {name}," in finding.sentence or f" {name} on" in finding.sentence for name in kept)


def test_an_administrators_token_is_too_much(define: Define, enter: Enter) -> None:
    definition = define()
    finding = rights.excess(enter(definition), definition)
    assert finding.level is Level.WARNING
    assert "Permissions.Modify" in finding.sentence


def test_the_least_token_is_not_too_much(define: Define, enter: Enter) -> None:
    definition = define()
    assert rights.excess(enter(definition, by_path(definition)), definition).level is Level.OK


def test_no_role_holds_more_than_the_needs_that_share_it() -> None:
    by_role: dict[str, set[frozenset[str]]] = {}
    for need in needs(RICH):
        by_role.setdefault(need.role, set()).add(need.privileges)
    assert all(len(kinds) == 1 for role, kinds in by_role.items() if role != "HomeostatCluster")


def test_rights_on_one_machine_are_given_where_those_on_all_are() -> None:
    # what lies on a machine's own path would replace what it inherits
    assert "acl modify /vms --roles" in grant("/vms/201", ["VM.Clone"], "a@pve!b")


def test_rights_over_everything_are_given_without_what_is_below() -> None:
    assert grant("/", ["Sys.Modify"], "a@pve!b").endswith("--propagate 0")


def test_the_commands_give_each_need_its_role_at_its_path() -> None:
    given = "\n".join(commands(RICH))
    for need in needs(RICH):
        assert f"pveum acl modify {need.path} --roles {need.role} " in given
        made = next(line for line in commands(RICH) if line.startswith(f"pveum role add {need.role} "))
        assert need.privileges <= set(made.rpartition(" ")[2].split(","))
