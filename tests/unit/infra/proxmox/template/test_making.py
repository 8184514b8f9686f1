"""The template is made, found again, gone on with, and never made of somebody else's machine."""

from __future__ import annotations

from typing import Any

import pytest

from infra.definition.document import Definition
from infra.proxmox.api import tasks
from infra.proxmox.api.session import Session
from infra.proxmox.errors import NotAllowed, NotOurs, NotSuitable, TaskFailed
from infra.proxmox.template.image import file_name, volume
from infra.proxmox.template.making import ensure_template
from tests.proxmox_simulator import Host, Simulator, Storage

from .conftest import Define, Enter

CREATE = "/nodes/pve1/qemu"
DOWNLOAD = "/nodes/pve1/storage/local/download-url"
CONVERT = "/nodes/pve1/qemu/9000/template"


def said(line: str) -> None:
    """Listen."""


@pytest.fixture
def definition(define: Define) -> Definition:
    return define()


@pytest.fixture
def session(enter: Enter, definition: Definition) -> Session:
    return enter(definition)


def writes(proxmox: Simulator, path: str) -> int:
    return sum(request[:2] == ("POST", path) for request in proxmox.requests)


def is_made(proxmox: Simulator) -> bool:
    return proxmox.vms[9000].config.get("template") == "1"


def test_the_template_is_made_of_the_downloaded_image(
    session: Session, definition: Definition, proxmox: Simulator
) -> None:
    done = ensure_template(session, definition, said)
    config = proxmox.vms[9000].config
    assert is_made(proxmox)
    assert "size=2G" in config["scsi0"]
    assert set(config["tags"].split(";")) == {"homeostat", "homeostat-template"}
    assert (config["scsihw"], config["ostype"], config["serial0"]) == ("virtio-scsi-single", "l26", "socket")
    assert "cloudinit" in config["ide2"]
    assert done[-1] == "made the template 9000"


def test_the_second_run_changes_nothing(session: Session, definition: Definition, proxmox: Simulator) -> None:
    ensure_template(session, definition, said)
    before = len(proxmox.requests)
    assert ensure_template(session, definition, said) == []
    assert {request.method for request in proxmox.requests[before:]} == {"GET"}


def test_an_image_that_is_there_is_not_downloaded_again(
    session: Session, definition: Definition, proxmox: Simulator
) -> None:
    ensure_template(session, definition, said)
    tasks.follow(session, session.delete("/nodes/pve1/qemu/9000"), said, 20.0)
    ensure_template(session, definition, said)
    assert writes(proxmox, DOWNLOAD) == 1
    assert is_made(proxmox)


def test_an_image_with_another_checksum_is_refused_by_proxmox_and_nothing_is_made(
    define: Define, enter: Enter, proxmox: Simulator
) -> None:
    definition = define(template={"checksum": {"algorithm": "sha256", "value": "0" * 64}})
    with pytest.raises(TaskFailed, match="checksum mismatch"):
        ensure_template(enter(definition), definition, said)
    assert 9000 not in proxmox.vms


@pytest.mark.parametrize("path", [DOWNLOAD, CREATE, CONVERT])
@pytest.mark.parametrize("status", [500, 596])
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_anywhere_does_nothing_twice(
    session: Session, definition: Definition, proxmox: Simulator, path: str, status: int, after_effect: bool
) -> None:
    proxmox.fail("POST", path, status=status, after_effect=after_effect)
    ensure_template(session, definition, said)
    assert is_made(proxmox)
    assert [task.kind for task in proxmox.tasks] == ["download", "qmcreate", "qmtemplate"]


@pytest.mark.parametrize("path", [DOWNLOAD, CREATE, CONVERT])
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_run_that_ended_anywhere_is_gone_on_with_by_the_next(
    session: Session,
    definition: Definition,
    proxmox: Simulator,
    path: str,
    after_effect: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class KilledError(Exception):
        """As a kill would end it."""

    really_create = Session.create

    def create(self: Session, at: str, /, **params: Any) -> Any:
        if at != path:
            return really_create(self, at, **params)
        if after_effect:
            really_create(self, at, **params)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(Session, "create", create)
        with pytest.raises(KilledError):
            ensure_template(session, definition, said)
    ensure_template(session, definition, said)
    assert is_made(proxmox)
    assert [task.kind for task in proxmox.tasks] == ["download", "qmcreate", "qmtemplate"]


def test_a_half_made_template_of_ours_is_removed_and_made_anew(
    session: Session, definition: Definition, proxmox: Simulator
) -> None:
    ensure_template(session, definition, said)
    config = proxmox.vms[9000].config
    del config["template"], config["scsi0"]
    done = ensure_template(session, definition, said)
    assert done[0] == "removed the half-made template 9000"
    assert is_made(proxmox)


@pytest.mark.parametrize("after_effect", [True, False])
def test_one_that_has_no_tags_yet_is_known_by_its_description_and_gone_on_with(
    session: Session, definition: Definition, proxmox: Simulator, after_effect: bool
) -> None:
    proxmox.fail("PUT", "/nodes/*/qemu/9000/config", status=403, message="Permission check failed")
    with pytest.raises(NotAllowed):
        ensure_template(session, definition, said)
    assert "tags" not in proxmox.vms[9000].config
    if after_effect:
        proxmox.fail("PUT", "/nodes/*/qemu/9000/config", status=596, after_effect=True)
    ensure_template(session, definition, said)
    assert is_made(proxmox)
    assert set(proxmox.vms[9000].config["tags"].split(";")) == {"homeostat", "homeostat-template"}
    assert [task.kind for task in proxmox.tasks] == ["download", "qmcreate", "qmtemplate"]


def test_one_of_another_name_is_not_ours_whatever_its_description(
    session: Session, definition: Definition, proxmox: Simulator
) -> None:
    ensure_template(session, definition, said)
    del proxmox.vms[9000].config["tags"], proxmox.vms[9000].config["template"]
    proxmox.vms[9000].config["name"] = "somebody"
    with pytest.raises(NotOurs, match="somebody"):
        ensure_template(session, definition, said)


def test_a_machine_that_is_not_ours_is_never_touched(
    session: Session, definition: Definition, proxmox: Simulator
) -> None:
    session.create(CREATE, vmid=9000, name="somebody", tags="homeostat")
    before = len(proxmox.requests)
    with pytest.raises(NotOurs, match="somebody"):
        ensure_template(session, definition, said)
    assert {request.method for request in proxmox.requests[before:]} == {"GET"}


def test_a_template_of_another_image_is_kept_and_told(
    session: Session, definition: Definition, define: Define, proxmox: Simulator
) -> None:
    ensure_template(session, definition, said)
    heard: list[str] = []
    newer = define(template={"checksum": {"algorithm": "sha512", "value": "1" * 128}})
    assert ensure_template(session, newer, heard.append) == []
    assert "another image" in heard[-1]


def test_a_failed_task_tells_the_end_of_its_log(
    session: Session, definition: Definition, proxmox: Simulator
) -> None:
    proxmox.fail_task("qmtemplate", ["renaming the volume", "the storage said no"])
    with pytest.raises(TaskFailed, match="renaming the volume"):
        ensure_template(session, definition, said)
    ensure_template(session, definition, said)
    assert is_made(proxmox)


def test_a_storage_that_takes_no_images_to_import_is_told_with_the_command(define: Define) -> None:
    storages = (Storage("local", content=("iso", "backup")), Storage("local-lvm"))
    expected = pytest.raises(NotSuitable, match="pvesm set local --content backup,import,iso")
    with Simulator.start(hosts=(Host(storages=storages),)) as other, expected:
        ensure_template(*other_session(other, define), said)


def test_a_version_without_import_is_told(define: Define) -> None:
    expected = pytest.raises(NotSuitable, match=r"Proxmox VE is 8\.1.*Upgrade it")
    with Simulator.start(version="8.1.4") as old, expected:
        ensure_template(*other_session(old, define), said)


def test_it_is_made_by_proxmox_9_as_well(define: Define) -> None:
    with Simulator.start(version="9.0.3") as newer:
        ensure_template(*other_session(newer, define), said)
        assert is_made(newer)


def other_session(simulator: Simulator, define: Define) -> tuple[Session, Definition]:
    definition = define(endpoints=[simulator.url], ca_file=simulator.ca_file)
    secret = simulator.create_token(definition.proxmox.token.id)
    return Session.open(definition.proxmox, secret), definition


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://x.example/a/debian-12.qcow2", "debian-12-{}.qcow2"),
        ("https://x.example/noble.img", "noble-{}.qcow2"),
        ("https://x.example/a%20b.raw?x=1", "a_20b-{}.raw"),
    ],
)
def test_the_image_is_named_after_its_address_and_checksum(define: Define, address: str, name: str) -> None:
    template = define(template={"image": address}).proxmox.template
    assert file_name(template) == name.format(template.checksum.value[:12])
    assert volume(template).startswith("local:import/")


def test_an_address_of_no_disk_image_is_told(define: Define) -> None:
    with pytest.raises(NotSuitable, match="qcow2"):
        file_name(define(template={"image": "https://x.example/debian.iso"}).proxmox.template)
