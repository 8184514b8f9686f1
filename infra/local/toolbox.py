"""The programs of the cluster, gathered in one folder that its processes have first on their PATH."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import MachineError
from infra.local.place import Place
from infra.programs.obtain import Programs
from infra.programs.program import Obtained, Say

FROM_GO = (
    *("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"),
    *("kubectl", "coredns", "local-path-provisioner"),
)
FROM_DEBIAN = ("containerd", "ctr", "runc", "host-local", "iptables", "busybox")
#: one program that behaves by the name that it is called with
_IPTABLES = tuple(
    f"{family}{verb}" for family in ("iptables", "ip6tables") for verb in ("", "-save", "-restore")
)
_SHIM = "containerd-shim-runc-v2"
#: of the plugins that lie beside host-local, those that the pods' network needs
PLUGINS = ("host-local", "loopback", "portmap", "ptp")


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Where each program of the cluster is."""

    paths: Mapping[str, Path]
    versions: Mapping[str, str]

    def __getitem__(self, name: str) -> Path:
        return self.paths[name]

    @property
    def plugins(self) -> Path:
        """The folder of the plugins that connect pods to the network."""
        return self.paths["host-local"].parent

    @property
    def environment(self) -> Mapping[str, str]:
        """What an iptables that was unpacked, not installed, needs to find its extensions."""
        iptables = self.paths["iptables"].resolve()
        extensions = sorted(iptables.parents[1].glob("lib/*/xtables")) if len(iptables.parents) > 1 else []
        unpacked = extensions and not iptables.is_relative_to("/usr/sbin")
        return {"XTABLES_LIBDIR": str(extensions[0])} if unpacked else {}


def gather(programs: Programs, say: Say) -> Toolbox:
    """Find, fetch or build every program of the cluster.

    Raises:
        MachineError: with one sentence for each attempt, when one can't be had.
    """
    obtained = {name: _obtain(programs, name, say) for name in (*FROM_DEBIAN, *FROM_GO)}
    return Toolbox(
        {name: found.path for name, found in obtained.items()},
        {name: found.version for name, found in obtained.items()},
    )


def link(place: Place, toolbox: Toolbox) -> Sequence[str]:
    """Make the links of the cluster's PATH; return the names of those that changed."""
    wanted = {name: path for name, path in toolbox.paths.items() if name not in {"busybox", "host-local"}}
    wanted[_SHIM] = toolbox["containerd"].resolve().with_name(_SHIM)
    multi = toolbox["iptables"].resolve()
    wanted |= dict.fromkeys(_IPTABLES, multi)
    place.programs.mkdir(parents=True, exist_ok=True)
    return [name for name, path in sorted(wanted.items()) if _link(place.programs / name, path)]


def _link(link: Path, target: Path) -> bool:
    if link.is_symlink() and link.readlink() == target:
        return False
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    return True


def _obtain(programs: Programs, name: str, say: Say) -> Obtained:
    try:
        return programs.get(name, say)
    except MachineError as error:
        package = programs.catalogue[name].debian
        if package is None:
            raise
        raise MachineError(f"{error}\nOr install it yourself: apt-get install {package.name}") from None
