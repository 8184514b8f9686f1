"""Programs that run and make containers, as Debian packages them; none is installed or runs as a service."""

from __future__ import annotations

from infra.programs.program import DebianPackage, Program
from infra.programs.version import Supported

#: version 2 writes its configuration in another way
CONTAINERD = Supported((1, 6, 0), (2, 0, 0))

CONTAINER_PROGRAMS = (
    Program("containerd", supported=CONTAINERD, debian=DebianPackage("containerd", "usr/bin/containerd")),
    Program("ctr", supported=CONTAINERD, debian=DebianPackage("containerd", "usr/bin/ctr")),
    Program("runc", supported=Supported((1, 1, 0), (2, 0, 0)), debian=DebianPackage("runc", "usr/sbin/runc")),
    # one of the plugins that lie together; its name is the only one that is nothing else's on PATH
    Program("host-local", debian=DebianPackage("containernetworking-plugins", "usr/lib/cni/host-local")),
    Program("iptables", debian=DebianPackage("iptables", "usr/sbin/iptables-nft")),
    Program(
        "buildah",
        debian=DebianPackage(
            "buildah", "usr/bin/buildah", ("libassuan0", "libdevmapper1.02.1", "libgpgme11", "libseccomp2")
        ),
    ),
    # a script that looks for its other files in one folder
    Program(
        "debootstrap",
        debian=DebianPackage("debootstrap", "usr/sbin/debootstrap", compiled_in="/usr/share/debootstrap"),
    ),
    # linked statically: it goes into an image that holds nothing else
    Program("busybox", version_arguments=("--help",), debian=DebianPackage("busybox-static", "bin/busybox")),
)
