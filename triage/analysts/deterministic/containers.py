"""What the evidence says of containers: which ended how, which wait for what, and what they said last."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta

from triage.analysts.citations import gives_instructions
from triage.analysts.deterministic.facts import Fact, Facts
from triage.evidence.container_log import logs_of
from triage.symptom import Symptom

#: every class of alert that a container in trouble can bring about
SYMPTOMS = frozenset(Symptom) - {Symptom.CONFIDENCE, Symptom.PIPELINE, Symptom.DRIFT}
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


_RECENT = timedelta(minutes=30)
#: how a container ends that never began to run
NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})


def same_container(facts: Facts, name: str, fact: Fact) -> Sequence[Fact]:
    """What else is known of the container that ``fact`` is about."""
    about = (fact.text("pod"), fact.text("container"))
    return [one for one in facts.all(name) if (one.text("pod"), one.text("container")) == about]


def last_words(facts: Facts, fact: Fact) -> Fact | None:
    """The last error in the container's logs, else its last line; of the ended run before the present one.

    A line that talks to its reader is no word of the program's, and must not get into a title.
    """
    for item in logs_of(fact.text("pod"), fact.text("container")):
        errors = sorted(facts.all("log.errors", {item}), key=lambda one: -one.observation.line)
        for said in (*errors, *facts.all("log.last_line", {item})):
            if not gives_instructions(said.text("error") or said.text("text")):
                return said
    return None


def is_recent(facts: Facts, ended: Fact) -> bool:
    """Whether it ended close enough to the alert to matter: a container keeps its last end for ever."""
    return ended.at is None or ended.at >= facts.case.scope.starts_at - _RECENT


def probe_kill(facts: Facts, ended: Fact) -> Fact | None:
    """The event by which the kubelet tells that it ended the container for its failing probe."""
    said = f"Container {ended.text('container')} failed liveness probe"
    kills = noted(facts, {"Killing"}, ended.text("pod"))
    return next((one for one in kills if one.text("message").startswith(said)), None)


def noted(facts: Facts, reasons: AbstractSet[str], about: str) -> Sequence[Fact]:
    """The events with one of these reasons about the object of that name, newest first."""
    events = facts.all("event")
    return [one for one in events if one.text("reason") in reasons and one.text("object") == about]
