"""A container can't be made or its program does not start: what it is configured with is missing or wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import complaints, is_severe
from triage.analysts.deterministic.containers import (
    MOST_TITLE,
    NEVER_RAN,
    SYMPTOMS,
    ended_badly,
    last_words,
    noted,
    waiting_for,
)
from triage.analysts.deterministic.context import nearby
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import history, look, who
from triage.analysts.deterministic.setting_words import SETTING_DETAIL, SETTING_WORDS, setting_in
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import bare, shortened

_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
#: Argo CD's words about manifests, which have a signature of their own
_DELIVERY = re.compile(
    r"(?i)target state|generate manifest|manifest generation|kustomize build|objects failed to apply"
)
#: the program's own lines that say which setting an exception is about
_FRAME = re.compile(
    r"(?i)(?:environ|getenv|\benv\b|settings|config|conf)\w*[\[(.]+[\"'](?P<setting>[A-Za-z_][\w.-]+)[\"']"
)
_PLACE = re.compile(
    r"(?P<file>/[\w./-]+\.(?:ya?ml|json|toml|ini|conf|cfg|properties|env))|>>> |at line \d+"
    r"|line \d+, column \d+|environ|directive"
)
_FILE = re.compile(r"(?P<file>/?[\w./-]*[\w-]+\.(?:ya?ml|json|toml|ini|conf|cfg|properties|env))\b")


@dataclass(frozen=True, slots=True)
class _Complaint:
    """A program's word about a setting, and the lines around it that name it."""

    fact: Fact
    context: Sequence[Fact]
    setting: str


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that can't be made, a volume that can't be mounted, or a program that says so."""
    return _unmade(facts) or _refused(facts)


def _unmade(facts: Facts) -> Cause | None:
    waits = waiting_for(facts, _REASONS)
    starting = waiting_for(facts, {"ContainerCreating", "PodInitializing"})
    mounts = noted(facts, {"FailedMount", "FailedAttachVolume"}, starting.text("pod")) if starting else ()
    never_ran = next((one for one in facts.all("pod.terminated") if one.text("reason") in NEVER_RAN), None)
    shown = waits or never_ran or next(iter(mounts), None)
    if shown is None:
        return None
    pod = shown.text("pod") or shown.text("object")
    failed = noted(facts, {"Failed", "FailedMount"}, pod)
    message = shown.text("message") or (failed[0].text("message") if failed else "")
    if not message:
        return None
    return Cause(
        kind="bad-configuration",
        title=f"Bad configuration: pod {pod} can't be started: {shortened(_innermost(message), MOST_TITLE)}",
        explanation=(
            "The command that its container is to run can't be started: it is not in the image, or may not "
            "be run."
            if never_ran and shown is never_ran
            else "Its containers can't be made: a Secret, ConfigMap, volume or command that it refers to is "
            "missing or wrong. Triage may not read Secrets and ConfigMaps, so it can't say what they hold."
        ),
        confidence=confidence(BASES["bad-configuration"], (bool(waits or never_ran), 0.1)),
        remediation=(look(facts, shown), Remedy(text="Add, rename or mend in git what it refers to.")),
        citations=cited(shown, *failed[:2], starting),
        found_by=ANALYST,
    )


def _innermost(message: str) -> str:
    """What the container runtime says, without the layers above it.

    >>> _innermost("failed to create shim task: unable to start container process: exec: no such file")
    'exec: no such file'
    """
    return message.split("unable to start container process: ", 1)[-1]


def _refused(facts: Facts) -> Cause | None:
    complaint = _by_words(facts) or _by_frames(facts)
    if complaint is None:
        return None
    ended = ended_badly(facts)
    words = complaint.fact.text("text") or complaint.fact.text("error")
    texts = [words, *(one.text("text") for one in complaint.context)]
    file = next((found.group("file") for text in texts if (found := _FILE.search(text))), "")
    setting = complaint.setting
    about = f"setting {setting}" if setting and setting != file else file
    program = who(facts, ended if ended and ended.text("pod") else complaint.fact)
    return Cause(
        kind="bad-configuration",
        title=f"Bad configuration{f' ({about})' if about else ''}: {program} does not start: "
        f"{shortened(bare(words), MOST_TITLE)}",
        explanation=(
            f"The program ends at its start because it can't use {about or 'what it is configured with'}; "
            f"it is "
            f"restarted and ends again{' (CrashLoopBackOff)' if facts.is_in_cluster else ''}. "
            f"It said: {shortened(words, 2 * MOST_TITLE)}{_beside(complaint)}"
        ),
        confidence=confidence(
            BASES["bad-configuration"] - 0.3,
            (ended is not None, 0.35),
            (bool(about), 0.1),
            (is_severe(complaint.fact), 0.05),
        ),
        remediation=(
            look(facts, ended),
            Remedy(
                text=f"Mend {about or 'the setting'} in git (environment, ConfigMap or arguments), and push."
            ),
            history(facts),
        ),
        citations=cited(complaint.fact, *complaint.context[:3], ended),
        found_by=ANALYST,
    )


def _beside(complaint: _Complaint) -> str:
    """What the lines below the error add to it."""
    details = [one for one in complaint.context if SETTING_DETAIL.search(one.text("text"))]
    return "".join(f"; {shortened(one.text('text'), MOST_TITLE)}" for one in details[:2])


def _by_words(facts: Facts) -> _Complaint | None:
    found = complaints(facts, *SETTING_WORDS, but=_DELIVERY)
    if not found:
        return None
    # what was said last is closest to the end of the run
    same = [one for one in found if one.item.id == found[0].item.id]
    naming = [one for one in same if _setting(one)]
    last = max(naming or same, key=lambda one: one.observation.line)
    details = nearby(last, SETTING_DETAIL, 0, 6)[:2]
    context = [*details, *nearby(last, _PLACE, 5, 4), *nearby(last, _FRAME, 12, 0)]
    setting = _setting(last) or next((name for one in context if (name := _setting(one))), "")
    return _Complaint(last, context, setting)


def _setting(fact: Fact) -> str:
    return setting_in(fact.observation.texts)


def _by_frames(facts: Facts) -> _Complaint | None:
    """An exception whose traceback leads through the reading of a setting."""
    ended = ended_badly(facts)
    words = last_words(facts, ended) if ended else None
    if words is None or not words.text("error"):
        return None
    frames = nearby(words, _FRAME, 14, 0)
    return _Complaint(words, frames, frames[0].text("setting")) if frames else None


SIGNATURE = Signature(
    kind="bad-configuration",
    looks_for="something missing or wrong in what a program is configured with",
    symptoms=SYMPTOMS,
    judge=judge,
)
