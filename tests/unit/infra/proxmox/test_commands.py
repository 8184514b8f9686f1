"""What a person or a script sees of ``homeostat proxmox``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from homeostat.errors import HomeostatError, Refused
from infra.proxmox.cli import app
from infra.proxmox.errors import NotSuitable
from infra.proxmox.privileges import by_path
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import SERVERS, TOKEN, Site, open_site

ROOT = Path(__file__).parents[4]
Run = Callable[..., Result]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


@pytest.fixture
def run(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    file = written(site)
    secret = site.proxmox.create_token(TOKEN, by_path(site.definition()))
    monkeypatch.setenv("HOMEOSTAT_ROOT", str(ROOT))
    monkeypatch.setenv("HOMEOSTAT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOMEOSTAT_PROXMOX_TOKEN", secret)
    return lambda *arguments, **more: CliRunner().invoke(app, [*arguments, "--file", str(file)], **more)


def written(site: Site, *nodes: Mapping[str, Any]) -> Path:
    """The site's cluster.yaml; JSON is YAML too."""
    path = site.folder / "cluster.yaml"
    definition = site.definition(*(dict(one) for one in nodes))
    path.write_text(definition.model_dump_json(exclude_defaults=True))
    return path


def apply(run: Run) -> Result:
    return run("apply", "--yes", "--wait-seconds", "0")


def test_a_plan_is_readable_and_says_by_its_exit_code_that_something_is_to_do(run: Run):
    shown = run("plan")
    assert shown.exit_code == 2
    assert "+ template homeostat-debian-12 (9000) on pve1" in shown.output
    assert "+ server-1 (201) on pve1" in shown.output
    assert "2 to make, 0 to change, 0 no longer in the file." in shown.output


def test_a_plan_has_no_colours_off_a_terminal(run: Run):
    assert "\x1b" not in run("plan").output


def test_a_plan_is_there_for_machines_too(run: Run):
    told = json.loads(run("plan", "--json").output)
    assert [action["kind"] for action in told["actions"]][:2] == ["make template", "clone"]


def test_an_applied_plan_exits_with_0(run: Run):
    assert apply(run).exit_code == 0
    again = run("plan")
    assert (again.exit_code, again.output) == (
        0,
        "Nothing to do: the machines of cluster home are as cluster.yaml says.\n",
    )


def test_what_failed_is_told_with_exit_code_1(site: Site, run: Run):
    site.proxmox.fail_task("qmstart", ["no bootable disk"])
    shown = apply(run)
    assert shown.exit_code == 1
    assert "no bootable disk" in shown.output
    assert apply(run).exit_code == 0


def test_apply_asks_where_somebody_can_answer(site: Site, run: Run):
    refused = run("apply").exception
    assert isinstance(refused, Refused)
    assert "--yes" in str(refused)
    assert not site.writes()


def test_mistakes_in_the_file_do_not_look_like_a_difference(site: Site, run: Run):
    written(site).write_text("name: home\n")
    error = run("plan").exception
    assert isinstance(error, HomeostatError)
    assert error.exit_code == 1
    assert "'nodes' is required" in str(error)


def test_what_proxmox_can_not_do_is_refused_with_every_reason(site: Site, run: Run):
    written(site, node("server-1", 1, host="pve9"), node("agent-1", 2, role="agent", storage="nvme"))
    error = run("plan").exception
    assert isinstance(error, NotSuitable)
    assert error.exit_code == 3
    assert len(str(error).splitlines()) == 2


def test_destroy_wants_the_clusters_name(site: Site, run: Run):
    apply(run)
    for answers in ([], ["--confirm", "yes"]):
        assert isinstance(run("destroy", *answers).exception, Refused)
    assert 201 in site.proxmox.vms
    assert run("destroy", "--confirm", "home").exit_code == 0
    assert sorted(site.proxmox.vms) == [9000]
    assert "nothing was changed" in run("destroy", "--confirm", "home").output


def test_a_machine_that_left_the_file_goes_with_the_wish(site: Site, run: Run):
    apply(run)
    written(site, SERVERS[0])
    kept = apply(run)
    assert "stays, unless you say --remove" in kept.output
    assert run("apply", "--yes", "--remove").exit_code == 0
    assert 202 not in site.proxmox.vms


def test_drift_tells_what_differs(site: Site, run: Run):
    apply(run)
    assert run("drift").exit_code == 0
    site.vm().config["onboot"] = "0"
    shown = run("drift")
    assert shown.exit_code == 2
    assert "server-1 (201): onboot is 0, cluster.yaml says 1" in shown.output
    assert "it changed between the checks of" in shown.output


def test_no_secret_is_written_or_told(site: Site, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    told = apply(run).output + run("drift", "--json").output
    secret = site.proxmox.create_token(TOKEN, by_path(site.definition()))
    monkeypatch.setenv("HOMEOSTAT_PROXMOX_TOKEN", secret)
    told += run("plan", "--json").output
    written_ = "".join(path.read_text() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert secret not in told + written_
