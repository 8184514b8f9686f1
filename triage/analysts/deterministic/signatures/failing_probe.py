"""A container runs, but its probe says that it is not well."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import is_current
from triage.analysts.deterministic.containers import (
    KILLED,
    MOST_TITLE,
    PROBE_KILL,
    SYMPTOMS,
    last_words,
    noted,
    place,
    probe_kill,
    same_container,
)
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.commands import describe_pod

#: 128 and the number of SIGTERM
TERMINATED = 143
#: a probe fails once or twice while a program starts
_OFTEN = 5


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that its probe keeps from traffic, or that the kubelet ended for it."""
    for ended in facts.all("pod.terminated"):
        if (kill := probe_kill(facts, ended)) and _was_ended(ended):
            often = f"{ended.amount('restarts'):.0f} times"
            told = f"The kubelet has ended it because its probe failed; it was restarted {often}."
            return _cause(facts, ended, kill, told)
    for running in facts.all("pod.running"):
        if (kill := probe_kill(facts, running)) and is_current(facts, kill.at):
            return _cause(facts, running, kill, "The kubelet ended it because its probe failed.")
        states = same_container(facts, "pod.container", running)
        if any(state.amount("ready") == 0 for state in states) and _failures(facts, running):
            return _cause(facts, running, None, "It runs, but it is not ready, so no traffic reaches it.")
    return _by_events(facts)


def _by_events(facts: Facts) -> Cause | None:
    """Nothing but events was saved: probes that failed, and went on to, or that a container was ended for."""
    described = {one.text("pod") for name in ("pod.container", "pod.running") for one in facts.all(name)}
    ready = {one.text("pod") for one in facts.all("pod") if one.amount("ready")}
    for failed in facts.all("event"):
        pod = failed.text("object")
        if (
            failed.text("reason") != "Unhealthy"
            or pod in described | ready
            or not is_current(facts, failed.at)
        ):
            continue
        kills = [one for one in noted(facts, {"Killing"}, pod) if PROBE_KILL.match(one.text("message"))]
        kill = next(iter(kills), None)
        if kill is None and failed.amount("times") < _OFTEN:
            continue
        named = PROBE_KILL.match(kill.text("message")) if kill else None
        container = named["container"] if named else failed.text("container")
        texts = {**failed.observation.texts, "pod": pod, "container": container}
        about = Fact(failed.item, failed.observation.model_copy(update={"texts": texts}))
        return _cause(facts, about, kill, "Its events tell that the probe keeps failing.")
    return None


def _failures(facts: Facts, container: Fact) -> Sequence[Fact]:
    """What the probes answered, the liveness probe's word first: it is what ends a container."""
    events = noted(facts, {"Unhealthy"}, container.text("pod"))
    return sorted(
        events,
        key=lambda one: ("Liveness" not in one.text("message"), -_times(one), -len(one.text("message"))),
    )


def _was_ended(ended: Fact) -> bool:
    """Whether it may have ended because it was told to: a program that fails has a code of its own."""
    code = ended.number("exit_code")
    return ended.text("reason") != "OOMKilled" and (code is None or code in {0, KILLED, TERMINATED})


def _times(event: Fact) -> float:
    """How often it was noted; an event without a number was noted once."""
    return max(1.0, event.amount("times"))


def _count(failures: Sequence[Fact]) -> str:
    """How often that probe failed, by the source that counts most; two may tell of the same failures."""
    probe = failures[0].text("message").split(" ", maxsplit=1)[0]
    same = [one for one in failures if one.text("message").startswith(probe)]
    sums = {
        item: sum(_times(one) for one in same if one.item.id == item)
        for item in {one.item.id for one in same}
    }
    most = max(sums.values())
    return "once" if most == 1 else f"{most:.0f} times"


def _cause(facts: Facts, container: Fact, kill: Fact | None, told: str) -> Cause:
    words, failures = last_words(facts, container), _failures(facts, container)
    failed = next(iter(failures), None)
    complaint = words if words and words.text("error") else None
    said = failed.text("message").strip(" :") if failed else "its probe failed"
    often = f" The probe failed {_count(failures)}." if failed else ""
    return Cause(
        kind="failing-probe",
        title=f"Failing probe: container {place(container)}: {shortened(said, MOST_TITLE)}",
        explanation=f"{told}{often}"
        + (
            f" The last error of its log: {shortened(complaint.text('error'), MOST_TITLE)}"
            if complaint
            else ""
        ),
        confidence=confidence(BASES["failing-probe"], (kill is not None, 0.2), (complaint is not None, 0.15)),
        remediation=(
            Remedy(
                text="See what the probe asks, and why the container does not answer it.",
                command=describe_pod(container.text("namespace"), container.text("pod")),
            ),
        ),
        citations=cited(*failures[:3], kill, container, complaint),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="failing-probe",
    looks_for="a container that runs but fails its probe",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
