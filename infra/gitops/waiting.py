"""Waiting until the cluster is what git says, with a line whenever an Application changes."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.cluster.step import Say
from infra.gitops.applications import ROOT, Application, applications
from infra.gitops.bootstrap import NAMESPACE
from infra.gitops.errors import NotSettled
from infra.gitops.kubectl import Kubectl

#: of a line of progress; the last sentence tells all
_REASON_LENGTH = 120
#: how each kind is asked to look; an ApplicationSet that could not read git looks again after minutes only
_REFRESH = {
    "applicationsets.argoproj.io": "argocd.argoproj.io/application-set-refresh=true",
    "applications.argoproj.io": "argocd.argoproj.io/refresh=normal",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait."""

    #: for everything
    limit_seconds: float = 900.0
    #: without any Application changing: a database's first start takes a minute or two
    stall_seconds: float = 300.0
    #: between two looks
    pause_seconds: float = 1.0


#: the Applications as they are now
Look = Callable[[], Sequence[Application]]
#: whether these are what is awaited
Done = Callable[[Sequence[Application]], bool]


def wait_until_settled(kubectl: Kubectl, say: Say, patience: Patience | None = None) -> None:
    """Wait until every Application is Synced and Healthy, as compared with git after this call.

    Raises:
        NotSettled: with a sentence about the Application that holds up the rest.
        KubectlError: when the API server stops answering.
    """
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # what was true before a stop need not be true after the start: ask Argo CD to look again
    for kind, refresh in _REFRESH.items():
        kubectl.run("annotate", kind, "--all", refresh, "--overwrite", f"--namespace={NAMESPACE}")
    watch(lambda: applications(kubectl), say, patience or Patience(), all_since(since))


def wait_for(kubectl: Kubectl, name: str, say: Say, patience: Patience | None = None) -> None:
    """Wait until the Application ``name`` is there, Synced and Healthy.

    Raises:
        NotSettled: with a sentence about the Application that holds it up.
        KubectlError: when the API server stops answering.
    """

    def there(now: Sequence[Application]) -> bool:
        return any(found.name == name and found.is_settled for found in now)

    watch(lambda: applications(kubectl), say, patience or Patience(), there)


def watch(look: Look, say: Say, patience: Patience, is_done: Done) -> None:
    """The waiting itself, over any way to look.

    Args:
        look: tells the Applications as they are.
        say: is told a line for each change.
        patience: how long to wait.
        is_done: whether what is awaited has come.

    Raises:
        NotSettled: when the time is over.
    """
    began = changed = time.monotonic()
    known: dict[str, str] = {}
    while True:
        now = look()
        lines = {found.name: _line(found) for found in now}
        for name in sorted(
            lines.keys() - known.keys() | {name for name in known if lines.get(name) != known[name]}
        ):
            changed = time.monotonic()
            say(lines.get(name, f"{name}  gone"))
        known = lines
        if is_done(now):
            return
        _give_up(now, patience, time.monotonic() - began, time.monotonic() - changed)
        time.sleep(patience.pause_seconds)


def all_since(time: str = "") -> Done:
    """Whether all are settled; one last compared with git before ``time`` (RFC 3339, UTC) is not.

    The root is healthy only when all tiers are, but for Applications that were changed since it looked.
    """

    def settled(now: Sequence[Application]) -> bool:
        names = {found.name for found in now}
        return ROOT in names and all(found.is_settled and found.compared_at >= time for found in now)

    return settled


def _line(found: Application) -> str:
    state = f"{found.name:24} {found.sync or '-':9} {found.health or '-':11}"
    reason = "" if found.is_settled else found.problem or found.unhealthy
    return f"{state} {textwrap.shorten(reason, _REASON_LENGTH, placeholder='...')}".rstrip()


def _give_up(now: Sequence[Application], patience: Patience, waited: float, stalled: float) -> None:
    if stalled > patience.stall_seconds:
        how_long = f"nothing has changed for {stalled:.0f} s"
    elif waited > patience.limit_seconds:
        how_long = f"not everything is settled after {waited:.0f} s"
    else:
        return
    left = [found for found in now if not found.is_settled]
    if not now:
        raise NotSettled(f"{how_long}, and there is no Application: was the root Application applied?")
    if not left:
        raise NotSettled(f"{how_long}, and Argo CD does not compare with git: look at its controller's log.")
    others = f" ({len(left) - 1} more wait)" if len(left) > 1 else ""
    raise NotSettled(f"{how_long}. {left[0].sentence}{others}")
