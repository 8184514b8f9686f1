"""Which versions of K3s go: those that the platform was tried with, together by Kubernetes' skew policy.

While nodes are upgraded one by one each may say its own version; the servers go first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from infra.definition.draft import Draft
from infra.definition.machines import Role
from infra.definition.values import k3s_minor

Minor = tuple[int, int]
#: the Kubernetes versions whose API the platform's manifests were checked against
SUPPORTED: Sequence[Minor] = ((1, 33), (1, 34))
#: https://kubernetes.io/releases/version-skew-policy/: API servers among themselves, and kubelets behind them
_SERVERS_APART, _AGENTS_BEHIND = 1, 3


def versions(draft: Draft, supported: Sequence[Minor] = SUPPORTED) -> Iterator[str]:
    """The API is of a version that we support; servers are at most one minor apart, agents never newer."""
    if draft.k3s is None:
        return
    field, version = "k3s.version", draft.k3s.version
    if k3s_minor(version) not in supported:
        yield _unsupported(field, version, supported)
        # every node without its own version would repeat it
        return
    servers: dict[str, str] = {}
    for label, own in _versions(draft, Role.SERVER).items():
        if k3s_minor(own) in supported:
            servers[label] = own
        else:
            yield _unsupported(f"nodes.{label}.k3s_version", own, supported)
    if not servers:
        return
    apart = list(_apart(servers))
    yield from apart or _skewed_agents(_versions(draft, Role.AGENT), sorted(map(k3s_minor, servers.values())))


def _versions(draft: Draft, role: Role) -> Mapping[str, str]:
    default = draft.k3s.version if draft.k3s else ""
    return {label: node.k3s_version or default for label, node in draft.nodes.items() if node.role is role}


def _apart(servers: Mapping[str, str]) -> Iterator[str]:
    oldest = min(servers, key=lambda label: k3s_minor(servers[label]))
    newest = max(servers, key=lambda label: k3s_minor(servers[label]))
    if k3s_minor(servers[newest])[1] - k3s_minor(servers[oldest])[1] > _SERVERS_APART:
        yield (
            f"'nodes.{newest}.k3s_version' is {servers[newest]}: server '{oldest}' runs {servers[oldest]}, "
            "and servers may be one minor version apart; upgrade one minor at a time."
        )


def _skewed_agents(agents: Mapping[str, str], servers: Sequence[Minor]) -> Iterator[str]:
    oldest, newest = servers[0], servers[-1]
    for label, version in agents.items():
        field, minor = f"nodes.{label}.k3s_version", k3s_minor(version)
        if minor > oldest:
            yield (
                f"'{field}' is {version}: an agent must not be newer than a server, and one runs "
                f"{_shown(oldest)}; upgrade the servers first."
            )
        elif minor[0] != newest[0] or newest[1] - minor[1] > _AGENTS_BEHIND:
            yield (
                f"'{field}' is {version}: an agent may be at most three minor versions older than the "
                f"servers, and they run {_shown(newest)}."
            )


def _unsupported(field: str, version: str, supported: Sequence[Minor]) -> str:
    shown = " or ".join(_shown(minor) for minor in supported)
    return f"'{field}' is {version}: the platform is tried with Kubernetes {shown}; take one of these."


def _shown(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"
