"""The images that the node itself needs, before any other can be made: no registry is asked for them."""

from __future__ import annotations

from collections.abc import Sequence

from infra.local.command import run
from infra.local.place import Place
from infra.local.scratch_image import ScratchImage, write
from infra.local.toolbox import Toolbox

_REGISTRY = "docker.io"
PAUSE = f"{_REGISTRY}/homeostat/pause:1"
#: a shell and its tools, for the pods that make and remove the folders of volumes
SHELL = f"{_REGISTRY}/homeostat/busybox"
COREDNS = f"{_REGISTRY}/coredns/coredns"
VOLUMES = f"{_REGISTRY}/rancher/local-path-provisioner"

_APPLETS = (
    *(
        "sh",
        "cat",
        "echo",
        "ls",
        "mkdir",
        "rm",
        "chmod",
        "chown",
        "sleep",
        "test",
        "true",
        "false",
        "id",
        "env",
    ),
    *(
        "wget",
        "nc",
        "nslookup",
        "dd",
        "df",
        "ps",
        "date",
        "touch",
        "head",
        "tail",
        "grep",
        "sed",
        "seq",
        "stat",
    ),
)


def node_images(tools: Toolbox) -> Sequence[ScratchImage]:
    """What the node's images hold."""
    return (
        ScratchImage(PAUSE, tools["busybox"], "bin/busybox", ("sleep", "2147483647")),
        ScratchImage(
            f"{SHELL}:{tools.versions['busybox']}",
            tools["busybox"],
            "bin/busybox",
            ("sh",),
            links=tuple(f"bin/{applet}" for applet in _APPLETS),
            folders=("tmp",),
            environment={"PATH": "/bin"},
            user="0:0",
        ),
        ScratchImage(f"{COREDNS}:{tools.versions['coredns']}", tools["coredns"], "coredns"),
        ScratchImage(
            f"{VOLUMES}:v{tools.versions['local-path-provisioner']}",
            tools["local-path-provisioner"],
            "usr/bin/local-path-provisioner",
        ),
    )


def load(place: Place, tools: Toolbox) -> Sequence[str]:
    """Give containerd the node's images; return the names of those that it did not have.

    Raises:
        CommandFailed: when containerd refuses one.
    """
    return [image.name for image in node_images(tools) if _load(place, tools, image)]


def _load(place: Place, tools: Toolbox, image: ScratchImage) -> bool:
    archive = place.images / "node" / image.file_name
    loaded = archive.with_suffix(".loaded")
    control = containerd_control(place, tools)
    if loaded.exists() and image.name in run(*control, "images", "list", "--quiet").split():
        return False
    write(image, archive)
    run(*control, "images", "import", "--no-unpack", str(archive), limit_seconds=120)
    archive.unlink()
    loaded.touch()
    return True


def containerd_control(place: Place, tools: Toolbox) -> tuple[str, ...]:
    """The command that talks to the cluster's containerd about what Kubernetes uses."""
    return (str(tools["ctr"]), "--address", str(place.containerd_socket), "--namespace", "k8s.io")
