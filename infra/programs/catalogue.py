"""The programs that the platform knows, and the versions of them that it supports.

The lower ends are what Debian 12 ships; the upper ends are the next major version, whose configuration may
differ. The rules and the configuration that use them are tested at both ends.
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.programs.browser import CHROMIUM
from infra.programs.container_programs import CONTAINER_PROGRAMS
from infra.programs.program import DebianPackage, GoPackage, Program
from infra.programs.version import Supported

PROMETHEUS = Supported((2, 42, 0), (4, 0, 0))
ALERTMANAGER = Supported((0, 25, 0), (1, 0, 0))
KUBERNETES = Supported((1, 34, 0), (1, 35, 0))

#: both families print this variable of prometheus/common
_VERSION_VARIABLE = "github.com/prometheus/common/version.Version"


def _prometheus(name: str, compiled_in: str | None = None) -> Program:
    module = "github.com/prometheus/prometheus"
    return Program(
        name,
        supported=PROMETHEUS,
        debian=DebianPackage("prometheus", f"usr/bin/{name}", compiled_in=compiled_in),
        go=GoPackage("prometheus", f"{module}/cmd/{name}", module, _VERSION_VARIABLE),
    )


def _alertmanager(name: str, debian_name: str, compiled_in: str | None = None) -> Program:
    module = "github.com/prometheus/alertmanager"
    return Program(
        name,
        supported=ALERTMANAGER,
        debian=DebianPackage("prometheus-alertmanager", f"usr/bin/{debian_name}", compiled_in=compiled_in),
        go=GoPackage("alertmanager", f"{module}/cmd/{name}", module, _VERSION_VARIABLE),
    )


def _kubernetes(*names: str, version_arguments: tuple[str, ...] = ("--version",)) -> tuple[Program, ...]:
    """Programs of the local cluster; what runs in it must agree on the version to the patch."""
    module = "k8s.io/kubernetes"
    variable = "k8s.io/component-base/version.gitVersion"
    return tuple(
        Program(
            name,
            version_arguments,
            KUBERNETES,
            go=GoPackage("kubernetes", f"{module}/cmd/{name}", module, variable, stamp="v"),
        )
        for name in names
    )


_ALL = (
    _prometheus("prometheus", "/usr/share/prometheus/web"),
    _prometheus("promtool"),
    _alertmanager("alertmanager", "prometheus-alertmanager", "/usr/share/prometheus/alertmanager"),
    _alertmanager("amtool", "amtool"),
    Program(
        "redis-server",
        supported=Supported((6, 0, 0), (9, 0, 0)),
        debian=DebianPackage(
            "redis-tools",
            "usr/bin/redis-check-rdb",
            libraries=("libatomic1", "libjemalloc2", "liblzf1"),
        ),
    ),
    Program(
        "gitleaks",
        version_arguments=("version",),
        go=GoPackage(
            "gitleaks",
            "github.com/zricethezav/gitleaks/v8",
            "github.com/zricethezav/gitleaks/v8",
            "github.com/zricethezav/gitleaks/v8/version.Version",
        ),
    ),
    Program(
        "sops",
        # without the second word it asks the internet for a newer one
        version_arguments=("--version", "--disable-version-check"),
        # 3.8 is the first of its present maintainers, and the next major may write another format
        supported=Supported((3, 8, 0), (4, 0, 0)),
        go=GoPackage(
            "sops",
            "github.com/getsops/sops/v3/cmd/sops",
            "github.com/getsops/sops/v3",
            "github.com/getsops/sops/v3/version.Version",
        ),
    ),
    *(
        Program(
            name,
            supported=Supported((1, 0, 0), (2, 0, 0)),
            go=GoPackage("age", f"filippo.io/age/cmd/{name}", "filippo.io/age", "main.Version", stamp="v"),
        )
        for name in ("age", "age-keygen")
    ),
    *_kubernetes("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"),
    *_kubernetes("kubectl", version_arguments=("version", "--client")),
    Program(
        "etcd",
        go=GoPackage("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3"),
    ),
    # what K3s does inside itself when it restores a snapshot
    Program(
        "etcdutl",
        version_arguments=("version",),
        go=GoPackage("etcdutl", "go.etcd.io/etcd/etcdutl/v3", "go.etcd.io/etcd/etcdutl/v3"),
    ),
    # plays the kubelets of hosts where none can run
    Program(
        "kwok",
        go=GoPackage(
            "kwok",
            "sigs.k8s.io/kwok/cmd/kwok",
            "sigs.k8s.io/kwok",
            "sigs.k8s.io/kwok/pkg/consts.Version",
            stamp="v",
        ),
    ),
    Program(
        "coredns",
        version_arguments=("-version",),
        go=GoPackage("coredns", "github.com/coredns/coredns", "github.com/coredns/coredns"),
    ),
    *CONTAINER_PROGRAMS,
    CHROMIUM,
    Program(
        "local-path-provisioner",
        go=GoPackage(
            "local-path-provisioner",
            "github.com/rancher/local-path-provisioner",
            "github.com/rancher/local-path-provisioner",
            "main.VERSION",
            stamp="v",
        ),
    ),
    Program(
        "argocd",
        version_arguments=("version", "--client"),
        go=GoPackage(
            "argocd",
            "github.com/argoproj/argo-cd/v3/cmd",
            "github.com/argoproj/argo-cd/v3",
            "github.com/argoproj/argo-cd/v3/common.version",
        ),
    ),
    Program(
        "kustomize",
        version_arguments=("version",),
        go=GoPackage(
            "kustomize",
            "sigs.k8s.io/kustomize/kustomize/v5",
            "sigs.k8s.io/kustomize/kustomize/v5",
            "sigs.k8s.io/kustomize/api/provenance.version",
            stamp="v",
        ),
    ),
    Program(
        "node_exporter",
        go=GoPackage(
            "node-exporter",
            "github.com/prometheus/node_exporter",
            "github.com/prometheus/node_exporter",
            _VERSION_VARIABLE,
        ),
    ),
    Program(
        "conftest",
        go=GoPackage(
            "conftest",
            "github.com/open-policy-agent/conftest",
            "github.com/open-policy-agent/conftest",
            "github.com/open-policy-agent/conftest/internal/version.Version",
        ),
    ),
    Program(
        "traefik",
        version_arguments=("version",),
        go=GoPackage(
            "traefik",
            "github.com/traefik/traefik/v3/cmd/traefik",
            "github.com/traefik/traefik/v3",
            "github.com/traefik/traefik/v3/pkg/version.Version",
        ),
    ),
    Program("act", go=GoPackage("act", "github.com/nektos/act", "github.com/nektos/act", "main.version")),
    Program(
        "actionlint",
        version_arguments=("-version",),
        go=GoPackage(
            "actionlint",
            "github.com/rhysd/actionlint/cmd/actionlint",
            "github.com/rhysd/actionlint",
            "github.com/rhysd/actionlint.version",
        ),
    ),
)

CATALOGUE: Mapping[str, Program] = {program.name: program for program in _ALL}
