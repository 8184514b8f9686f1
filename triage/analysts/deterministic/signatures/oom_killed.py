"""A container was killed because it used more memory than its limit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import (
    KILLED,
    SYMPTOMS,
    is_recent,
    noted,
    place,
    same_container,
)
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.clock import stamp
from triage.commands import describe_pod, see_history

_ALERT = "ContainerOomKilled"
#: events that explain a kill by something else than memory; the sandbox changes when its node starts anew
_EXPLAINED = frozenset({"Unhealthy", "Killing", "Preempting", "Evicted", "SandboxChanged"})


#: how a description and an object count what was never restarted
_NO_RESTART = re.compile(r"(?i)restart ?count:\s+0\s*$")
_RESTARTS = re.compile(r"(?i)restart")
_KERNEL = re.compile(
    r"(?i:memory cgroup out of memory|killed by the oom killer|result 'oom-kill'|result: oom-kill"
    r"|out of memory: kill(?:ed)? process \d+ \((?P<process>[^)]+)\)"
    r"|\boom-kill\b|oom_reaper)"
    r"|\bOOMKilled\b|\bOOMKilling\b"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Kubernetes' own word first, then the kernel's counter, then an exit code that could mean it."""
    ended = facts.all("pod.terminated")
    if killed := next((one for one in ended if one.text("reason") == "OOMKilled"), None):
        return _killed(facts, killed)
    if counted := _counted(facts):
        return _counted_only(facts, counted)
    if told := complaints(facts, _KERNEL):
        return _told(facts, told)
    if by_signal := next((one for one in ended if one.number("exit_code") == KILLED), None):
        return _by_signal(facts, by_signal)
    return _ruled_out(facts, max(ended, key=lambda one: one.amount("exit_code") != 0, default=None))


def _killed(facts: Facts, killed: Fact) -> Cause:
    counted, limit = _counted(facts), _limit(facts, killed)
    at = f" at {stamp(killed.at)}" if killed.at else ""
    bound = f" of {limit.text('limit')}" if limit else ""
    return Cause(
        kind="oom-killed",
        title=f"Container {place(killed)} was OOMKilled: it used more than its memory limit{bound}",
        explanation=(
            f"The kernel killed it{at} because it used more than its memory limit{bound}. "
            f"It has been restarted {killed.amount('restarts'):.0f} times."
        ),
        confidence=confidence(
            BASES["oom-killed"],
            (counted is not None, 0.05),
            (limit is not None, 0.05),
            (not is_recent(facts, killed), -0.5),
        ),
        remediation=_remedies(facts, killed),
        citations=cited(killed, limit, counted),
        found_by=ANALYST,
    )


def _counted_only(facts: Facts, counted: Fact) -> Cause:
    """The kernel counted a kill, and how the container ended is not known, or it did not end."""
    scope = facts.case.scope
    where = f"{scope.container or 'a container'} of {scope.pod or 'a pod'}"
    killed = next((one for one in facts.all("pod.terminated") if one.number("exit_code") == KILLED), None)
    own = [one for one in facts.all("pod.container") if scope.container in {None, one.text("container")}]
    survivor = next((one for one in own if one.amount("restarts") == 0), None)
    survived = " The container was not restarted: it was not its main process." if survivor else ""
    return Cause(
        kind="oom-killed",
        title=f"OOMKilled: the kernel killed a process of {where} for its memory",
        explanation=f"The counter of memory kills rose for this container.{survived}",
        # the counter alone only repeats the alert
        confidence=confidence(0.4, (survivor is not None, 0.3), (killed is not None, 0.45)),
        remediation=_remedies(facts, killed),
        citations=cited(counted, killed, survivor),
        found_by=ANALYST,
    )


def _told(facts: Facts, told: Sequence[Fact]) -> Cause:
    """The kernel's own log, or a status that was saved without the rest of the object."""
    ended = next((one for one in facts.all("pod.terminated") if one.number("exit_code") == KILLED), None)
    limit = _limit(facts, ended) if ended else None
    bound = f" of {limit.text('limit')}" if limit else ""
    named = next((one.text("process") for one in told if one.text("process")), "")
    return claimed(
        Claim(
            kind="oom-killed",
            title=f"OOMKilled: {named or who(facts, told[0])} used more memory than it may{bound}",
            explanation=f"The kernel ended it because its memory limit{bound} was reached: {said(told[0])}",
            remediation=_remedies(facts, ended),
        ),
        told,
        ended,
        limit,
    )


def _by_signal(facts: Facts, ended: Fact) -> Cause | None:
    """Killed with SIGKILL, but nobody says by whom; a failing probe or a stop would explain it."""
    if not is_recent(facts, ended) or noted(facts, _EXPLAINED, ended.text("pod")):
        return None
    return Cause(
        kind="oom-killed",
        title=f"Container {place(ended)} was killed with SIGKILL (exit code {KILLED})",
        explanation=(
            "Its events note no failing probe and no stop. The kernel ends what uses too much memory in this "
            "way, but nothing shows that it did so here."
        ),
        confidence=confidence(0.35),
        remediation=_remedies(facts, ended),
        citations=cited(ended, _limit(facts, ended)),
        found_by=ANALYST,
    )


def _ruled_out(facts: Facts, ended: Fact | None) -> RuledOut | None:
    never = next((one for one in facts.all("pod.container") if one.amount("restarts") == 0), None)
    shown = ended or never
    if shown is None:
        return None
    counted = next(iter(nearby(shown, _NO_RESTART, 12, 12)), None)
    if ended is None and counted is None and not _RESTARTS.search(shown.cite().quote):
        # only a line that counts its restarts shows that there was none
        return None
    how = f"last ended with {ended.text('reason') or 'another reason'}" if ended else "was never restarted"
    return RuledOut(
        kind="oom-killed",
        title="A container killed for its memory",
        reason=f"Container {place(shown)} {how}.",
        citations=cited(counted or shown if ended is None else shown),
    )


def _counted(facts: Facts) -> Fact | None:
    """The kernel's counter: asked from Prometheus, or told by the alert that rests on it."""
    rose = next((one for one in facts.all("oom_kills") if one.amount("highest") > 0), None)
    alert = facts.first("alert")
    return rose or (alert if alert and alert.text("alertname") == _ALERT else None)


def _limit(facts: Facts, fact: Fact) -> Fact | None:
    return next((one for one in same_container(facts, "pod.container", fact) if one.text("limit")), None)


def _remedies(facts: Facts, fact: Fact | None) -> tuple[Remedy, ...]:
    scope = facts.case.scope
    pod = fact.text("pod") if fact else scope.pod or "POD"
    if not facts.is_in_cluster:
        return (
            Remedy(
                text="See what the kernel killed, and what else used the memory.",
                command="dmesg -T | grep -i oom",
            ),
            Remedy(text="Give it more memory or fewer workers; look for larger inputs or a leak."),
            Remedy(text="See what changed before.", command=see_history(scope)),
        )
    return (
        Remedy(
            text="Compare its memory with its limit, and raise the limit in git if the need is real.",
            command=describe_pod(scope.namespace or "NAMESPACE", pod),
        ),
        Remedy(text="See what changed before, and revert it if it brought this.", command=see_history(scope)),
    )


SIGNATURE = Signature(
    kind="oom-killed",
    looks_for="a container killed for its memory",
    symptoms=SYMPTOMS,
    judge=judge,
)
