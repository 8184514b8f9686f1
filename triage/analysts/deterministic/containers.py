"""What the evidence says of containers: which ended how, which wait for what, and what they said last."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta

from triage.analysts.deterministic.facts import Fact, Facts
from triage.evidence.container_log import logs_of
from triage.symptom import Symptom

#: every class of alert that a container in trouble can bring about
SYMPTOMS = frozenset(Symptom) - {Symptom.CONFIDENCE, Symptom.PIPELINE, Symptom.DRIFT, Symptom.HEARTBEAT}
#: 128 and the number of SIGKILL: what the kernel and the kubelet kill with
KILLED = 137
#: of a message, this much belongs into a title
MOST_TITLE = 140


def place(fact: Fact) -> str:
    """The container and its pod, as a title names them."""
    return f"{fact.text('container')} of {fact.text('pod')}"


def waiting_for(facts: Facts, reasons: AbstractSet[str]) -> Fact | None:
    """A container that waits for one of these reasons."""
    return next((one for one in facts.all("pod.waiting") if one.text("reason") in reasons), None)


#: a supervisor's word about a process that it watches
_EXITED = re.compile(
    r"(?i)(?:exit(?:ed)?|ended|terminated|died)\b.{0,20}\b(?:with|by|code|status)\b.{0,20}?"
    r"(?:(?:exit )?(?:status|code)\W*(?P<code>[1-9]\d*)|signal\W*(?P<signal>\w+))"
    r"|Main process exited|Failed with result|exit-code|exited abnormally"
)
_RECENT = timedelta(minutes=30)
#: the kubelet's word when it ends a container for its probe
PROBE_KILL = re.compile(r"Container (?P<container>\S+) failed (?P<probe>liveness|startup) probe")
#: how a container ends that never began to run
NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})


def same_container(facts: Facts, name: str, fact: Fact) -> Sequence[Fact]:
    """What else is known of the container that ``fact`` is about."""
    about = (fact.text("pod"), fact.text("container"))
    return [one for one in facts.all(name) if (one.text("pod"), one.text("container")) == about]


def last_words(facts: Facts, fact: Fact) -> Fact | None:
    """The last error in the container's logs, else its last line; of the ended run before the present one.

    Logs that were saved under any name count when none bears the container's own.
    """
    named = [item for item in logs_of(fact.text("pod"), fact.text("container")) if item in facts.own_log]
    for item in named or sorted(facts.own_log, key=lambda name: "prev" not in name):
        errors = sorted(facts.all("log.errors", {item}), key=lambda one: -one.observation.line)
        for said in (*errors, *facts.all("log.last_line", {item})):
            return said
    return None


def left_behind(ended: Fact) -> str:
    """The last line of the message that the container left in its status."""
    return next((line.strip() for line in reversed(ended.text("message").split("\n")) if line.strip()), "")


def is_recent(facts: Facts, ended: Fact) -> bool:
    """Whether it ended close enough to the alert to matter: a container keeps its last end for ever."""
    return ended.at is None or ended.at >= facts.began - _RECENT


def ended_badly(facts: Facts) -> Fact | None:
    """A container, or a process as its supervisor tells, that ended with an error lately."""
    for ended in facts.all("pod.terminated"):
        if ended.amount("exit_code") != 0 and is_recent(facts, ended):
            return ended
    looping = waiting_for(facts, {"CrashLoopBackOff"})
    return looping or next(reversed(facts.lines(_EXITED)), None)


def probe_kill(facts: Facts, ended: Fact) -> Fact | None:
    """The event by which the kubelet tells that it ended the container for its failing probe."""
    kills = noted(facts, {"Killing"}, ended.text("pod"))
    said = (PROBE_KILL.match(one.text("message")) for one in kills)
    named = (match and match["container"] in {ended.text("container"), ""} for match in said)
    return next((one for one, its in zip(kills, named, strict=True) if its), None)


def noted(facts: Facts, reasons: AbstractSet[str], about: str) -> Sequence[Fact]:
    """The events with one of these reasons about the object of that name, newest first."""
    events = facts.all("event")
    return [one for one in events if one.text("reason") in reasons and one.text("object") == about]
