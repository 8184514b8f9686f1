"""An init container fails, so the pod's own containers never start."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import (
    MOST_TITLE,
    SYMPTOMS,
    is_recent,
    last_words,
    left_behind,
    same_container,
)
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import look, namespace_of, pod_of, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened

_STATUS = re.compile(r"\bInit:(?P<how>Error|CrashLoopBackOff|OOMKilled|ExitCode:\d+|StartError)\b")
_STAYS = re.compile(r"^(?:\S+\s+)?(?P<pod>[a-z0-9][\w.-]*)\s+\d+/\d+\s+Init:\d+/\d+\s")
_WAITS = re.compile(
    r"(?i)\bwait|\bretry|not (?:yet )?(?:ready|available|reachable|up)|refused|timed? ?out|unable|can't"
    r"|cannot|fail"
)
_INCOMPLETE = re.compile(r"containers with (?:incomplete|unready) status: \[(?P<names>[^\]]+)\]")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that keeps its pod from being initialized, and for its last words."""
    waits = _not_initialized(facts)
    status = complaints(facts, _STATUS)
    names = _names(waits)
    ended = next((one for one in facts.all("pod.terminated") if _is_init(facts, one, names)), None)
    if ended is None and not status:
        return _endless(facts, waits)
    container = ended.text("container") if ended else (names[0] if names else "")
    words = last_words(facts, ended) if ended else _any_words(facts)
    spoken = (words.text("error") or words.text("text")) if words else (left_behind(ended) if ended else "")
    pod = ended.text("pod") if ended else who(facts, status[0])
    code = f" with exit code {ended.amount('exit_code'):.0f}" if ended else ""
    name = f"Init container {container}" if container else "An init container"
    return Cause(
        kind="init-failed",
        title=f"{name} of {pod} fails{code}" + (f": {shortened(spoken, MOST_TITLE)}" if spoken else ""),
        explanation=(
            f"Init containers have to end well before the pod's own containers are started; {name.lower()} "
            f"ends{code or ' with an error'}, so the pod stays in Init. "
            + (f"It said: {spoken}" if spoken else "")
        ),
        confidence=confidence(
            BASES["init-failed"] - 0.3,
            (ended is not None, 0.2),
            (bool(words and words.text("error")), 0.2),
            (bool(spoken), 0.1),
        ),
        remediation=(
            Remedy(
                text="Read the init container's log.",
                command=(
                    f"kubectl -n {namespace_of(facts, ended)} logs {pod} -c "
                    f"{container or 'INIT_CONTAINER'} --previous"
                ),
            ),
            look(facts, ended),
        ),
        citations=cited(words, ended, waits, *status[:2]),
        found_by=ANALYST,
    )


def _endless(facts: Facts, waits: Fact | None) -> Cause | None:
    """An init container that runs and runs, since what it waits for does not come."""
    running = next((one for one in facts.all("pod.running") if _is_unready_init(facts, one)), None)
    status = next(iter(facts.lines(_STAYS)), None)
    shown = running or status
    words = _last_said(facts)
    if shown is None or words is None or not _WAITS.search(words.text("text")):
        return None
    pod = status.text("pod") if status and not running else pod_of(facts, running)
    container = running.text("container") if running else words.text("container")
    said = shortened(words.text("text"), MOST_TITLE)
    return Cause(
        kind="init-failed",
        title=f"Init container {container} of {pod} does not end: {said}".replace("  ", " "),
        explanation=(
            f"Init containers have to end before the pod's own containers are started; this one still waits, "
            f"so the pod stays in Init. Last it said: {said}"
        ),
        confidence=confidence(BASES["init-failed"] - 0.1, (running is not None, 0.1)),
        remediation=(
            Remedy(text="See whether what it waits for runs and answers."),
            look(facts, running),
        ),
        citations=cited(words, running, status, waits),
        found_by=ANALYST,
    )


def _is_unready_init(facts: Facts, running: Fact) -> bool:
    """Sidecars run as init containers too, but are ready as soon as they have started."""
    states = same_container(facts, "pod.container", running)
    return running.text("init") == "true" and any(one.amount("ready") == 0 for one in states)


def _last_said(facts: Facts) -> Fact | None:
    return next(iter(facts.all("log.last_line", facts.own_log)), None)


def _not_initialized(facts: Facts) -> Fact | None:
    conditions = facts.all("pod.condition")
    return next((one for one in conditions if one.text("type") == "Initialized"), None)


def _names(waits: Fact | None) -> list[str]:
    found = _INCOMPLETE.search(waits.text("message")) if waits else None
    return found.group("names").split() if found else []


def _is_init(facts: Facts, ended: Fact, names: list[str]) -> bool:
    marked = ended.text("init") == "true" or ended.text("container") in names
    return marked and ended.amount("exit_code") != 0 and is_recent(facts, ended)


def _any_words(facts: Facts) -> Fact | None:
    return facts.first("log.errors", facts.own_log)


SIGNATURE = Signature(
    kind="init-failed",
    looks_for="an init container that fails",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
