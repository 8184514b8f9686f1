import hashlib
import struct
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.proxmox_simulator import Host, Simulator, Storage
from tests.unit.proxmox_simulator.talking import Client, refused

#: the header of a qcow2 image of 3 GiB, with some bytes behind it
IMAGE = b"QFI\xfb" + bytes(20) + struct.pack(">Q", 3 * 2**30) + bytes(1000)
DIGEST = hashlib.sha512(IMAGE).hexdigest()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def images(tmp_path):
    """The address of a server that holds debian.qcow2."""
    (tmp_path / "debian.qcow2").write_bytes(IMAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def download(client, images, checksum=DIGEST, name="debian.qcow2", **other):
    address = {"url": f"{images}/{name}", "filename": "debian.qcow2", "content": "import"} | other
    checks = {"checksum": checksum, "checksum-algorithm": "sha512"} if checksum else {}
    return client.node.storage("local")("download-url").post(**address, **checks)


def test_an_image_is_downloaded_checked_and_listed(admin, images):
    admin.done(download(admin, images))
    (volume,) = admin.node.storage("local").content.get(content="import")
    assert (volume["volid"], volume["size"]) == ("local:import/debian.qcow2", 3 * 2**30)


def test_an_image_with_another_checksum_is_not_kept(admin, images):
    assert admin.ended(download(admin, images, checksum="0" * 128)).startswith(
        f"checksum mismatch: got '{DIGEST}'"
    )
    assert admin.node.storage("local").content.get() == []


def test_an_image_that_is_there_already_is_not_downloaded_again(admin, images):
    admin.done(download(admin, images))
    upid = download(admin, "http://127.0.0.1:1")
    admin.done(upid)
    assert "OK, got correct file already, no need to download" in [
        row["t"] for row in admin.node.tasks(upid).log.get()
    ]
    assert "refusing to override existing file" in admin.ended(download(admin, images, checksum=None))


def test_a_download_that_the_server_refuses_fails_in_its_task(admin, images):
    assert admin.ended(download(admin, images, name="none.qcow2")).startswith("download failed: 404")


def test_a_download_fits_the_storage_and_the_kind_of_content(admin, images):
    with refused(400, "wrong file extension"):
        download(admin, images, filename="debian.img")
    with refused(400, "requires this property"):
        admin.node.storage("local")("download-url").post(
            url=images, filename="a.qcow2", content="import", checksum="0"
        )
    with refused(500, "can't upload to storage type 'lvmthin', not a file based storage!"):
        admin.node.storage("local-lvm")("download-url").post(url=images, filename="a.qcow2", content="import")


def test_a_disk_is_imported_with_the_size_of_its_image(admin, images):
    admin.done(download(admin, images))
    admin.create(100, scsi0="local-lvm:0,import-from=local:import/debian.qcow2,discard=on")
    assert admin.config(100)["scsi0"] == "local-lvm:vm-100-disk-0,discard=on,size=3G"


def test_a_disk_is_imported_from_images_only_and_with_size_0(admin, images):
    admin.done(download(admin, images))
    with refused(400, "'import-from' requires special syntax"):
        admin.node.qemu.post(vmid=100, scsi0="local-lvm:8,import-from=local:import/debian.qcow2")
    with refused(500, "volume 'local:import/none.qcow2' does not exist"):
        admin.node.qemu.post(vmid=100, scsi0="local-lvm:0,import-from=local:import/none.qcow2")


def test_a_storage_that_is_not_there_is_named(admin):
    with refused(500, "storage 'nowhere' does not exist"):
        admin.node.qemu.post(vmid=100, scsi0="nowhere:8")
    admin.host = "pve2"
    with refused(500, "storage 'local-lvm' is not available on node 'pve2'"):
        admin.node.qemu.post(vmid=100, scsi0="local-lvm:8")


def test_a_full_storage_fails_the_task_and_leaves_nothing(proxmox, admin):
    admin.create_template(9000)
    proxmox.fill("local-lvm")
    assert "no space left on device" in admin.ended(admin.node.qemu.post(vmid=100, scsi0="local-lvm:8"))
    assert "no space left on device" in admin.ended(admin.vm(9000).clone.post(newid=101))
    assert set(proxmox.vms) == {9000}
    assert admin.node.storage("local-lvm").status.get()["avail"] == 0
    proxmox.make_space("local-lvm")
    admin.done(admin.vm(9000).clone.post(newid=101))


def test_a_storage_fills_with_what_is_written_to_it(images):
    storage = Storage("local", size_bytes=len(IMAGE) * 2)
    with Simulator.start(
        hosts=(Host("pve1", storages=(storage, Storage("local-lvm", size_bytes=1000))),)
    ) as proxmox:
        admin = Client.by_token(proxmox, "root@pam!t", proxmox.create_token("root@pam!t"))
        admin.done(download(admin, images))
        assert admin.node.storage("local").status.get()["used"] == len(IMAGE)
        disk = "local-lvm:0,import-from=local:import/debian.qcow2"
        assert "no space left on device" in admin.ended(admin.node.qemu.post(vmid=100, scsi0=disk))


def test_a_disk_grows_and_never_shrinks(admin):
    admin.create(100, scsi0="local-lvm:8,ssd=1")
    admin.done(admin.vm(100).resize.put(disk="scsi0", size="20G"))
    admin.done(admin.vm(100).resize.put(disk="scsi0", size="+512M"))
    assert admin.config(100)["scsi0"] == "local-lvm:vm-100-disk-0,size=20992M,ssd=1"
    with refused(500, "shrinking disks is not supported"):
        admin.vm(100).resize.put(disk="scsi0", size="8G")
    with refused(500, "disk 'scsi1' does not exist"):
        admin.vm(100).resize.put(disk="scsi1", size="8G")


def test_a_disk_taken_off_stays_as_unused_until_that_is_deleted(proxmox, admin):
    admin.create(100, scsi0="local-lvm:8")
    admin.vm(100).config.put(delete="scsi0")
    assert admin.config(100)["unused0"] == "local-lvm:vm-100-disk-0"
    admin.vm(100).config.put(delete="unused0")
    assert proxmox.storage("local-lvm").volumes == {}


def test_a_deleted_vm_takes_its_disks_along(proxmox, admin):
    admin.create(100, scsi0="local-lvm:8", ide2="local-lvm:cloudinit")
    assert len(proxmox.storage("local-lvm").volumes) == 2
    admin.done(admin.vm(100).delete())
    assert proxmox.storage("local-lvm").volumes == {}


def test_a_template_stays_while_a_linked_clone_stands_on_it(admin):
    admin.create_template(9000, storage="local")
    admin.done(admin.vm(9000).clone.post(newid=101))
    assert admin.config(101)["scsi0"].startswith("local:9000/base-9000-disk-0.raw/101/vm-101-disk-0.qcow2")
    sentence = "base volume 'local:9000/base-9000-disk-0.raw' is still in use by linked cloned"
    assert admin.ended(admin.vm(9000).delete()) == sentence
    admin.done(admin.vm(101).delete())
    admin.done(admin.vm(9000).delete())


def test_a_linked_clone_needs_a_template_and_takes_no_storage(admin):
    admin.create(100, scsi0="local-lvm:8")
    with refused(500, "Linked clone feature is not supported for drive 'scsi0'"):
        admin.vm(100).clone.post(newid=101, full=0)
    admin.create_template(9000)
    with refused(400, "parameter 'storage' not allowed for linked clones"):
        admin.vm(9000).clone.post(newid=101, storage="local")


def test_a_shared_storage_is_the_same_on_all_hosts(proxmox, admin):
    admin.create(100, scsi0="nas:8,format=qcow2")
    admin.host = "pve2"
    assert [row["volid"] for row in admin.node.storage("nas").content.get()] == [
        "nas:100/vm-100-disk-0.qcow2"
    ]
    assert admin.node.storage("local").content.get() == []
