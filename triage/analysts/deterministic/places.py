"""Where to look: the namespace and pod that a command names, as far as the evidence tells them."""

from __future__ import annotations

import re

from triage.analysts.analysis import Remedy
from triage.analysts.deterministic.facts import Fact, Facts
from triage.commands import describe_pod, read_log, see_history
from triage.evidence.collector import Scope

#: labels that name what an alert is about, where none of Kubernetes' does; the most telling first
_NAMING = ("app", "name", "component", "job_name", "container", "workload", "job", "instance", "host")
#: jobs that are named after how something is asked, not after what it is
_ASKED_BY = re.compile(r"(?i)blackbox|kubernetes|^node(?:[-_]exporter)?$|prometheus|federate|cadvisor|probe")
_SYSLOG = re.compile(r"[A-Z][a-z]{2} +\d{1,2} [\d:]{8} \S+ (?P<program>[A-Za-z][\w.-]*)(?:\[\d+\])?: ")
_LOG_OF_POD = re.compile(r"^log\.(?P<pod>[^/]+)/(?P<container>[^/]+?)(?:\.previous)?$")


def namespace_of(facts: Facts, fact: Fact | None = None) -> str:
    """The namespace of the fact's object, of the alert's, or a word that stands for it."""
    known = (fact.text("namespace") if fact else "", facts.case.scope.namespace or "")
    seen = (one.text("namespace") for name in ("pod", "pod.container") for one in facts.all(name))
    return next((one for one in (*known, *seen) if one), "NAMESPACE")


def pod_of(facts: Facts, fact: Fact | None = None) -> str | None:
    """The pod that the fact is about, else the one whose log it is of, else the alert's; never a guess."""
    if fact and fact.text("pod"):
        return fact.text("pod")
    if fact and (found := _LOG_OF_POD.match(fact.item.id)):
        return found.group("pod")
    return facts.case.scope.pod or _only_own(facts)


def _only_own(facts: Facts) -> str | None:
    """The one pod of the alert's subject that the evidence names, or None where there are several or none."""
    names = ("pod.waiting", "pod.terminated", "pod")
    seen = {one.text("pod") for name in names for one in facts.all(name)} - {""}
    own = {pod for pod in seen if facts.subject.is_own(pod)} or seen
    return next(iter(own)) if len(own) == 1 else None


def who(facts: Facts, fact: Fact | None = None) -> str:
    """What complains, for a title: the pod, the service or the subject of the alert."""
    scope, labels = facts.case.scope, facts.case.alert.labels
    named = (labels[name] for name in _NAMING if labels.get(name) and not _ASKED_BY.search(labels[name]))
    # what a syslog line bears is the program, while the alert may only name its host
    told = _SYSLOG.match(fact.text("text")) if fact else None
    known = (
        pod_of(facts, fact) or scope.service or facts.case.alert.subject or (told["program"] if told else "")
    )
    return known or next(named, "the service")


def look(facts: Facts, fact: Fact | None = None) -> Remedy:
    """The first step that is always safe: read what Kubernetes, or the log, says of it."""
    pod = pod_of(facts, fact)
    if pod and facts.is_in_cluster:
        return Remedy(text="See its state and events.", command=describe_pod(namespace_of(facts, fact), pod))
    return Remedy(
        text="Read its log.", command=read_log(facts.case.scope) if _is_known(facts.case.scope) else None
    )


def _is_known(scope: Scope) -> bool:
    """Whether a command can name what it is about."""
    return bool(scope.service or scope.pod or scope.model or (scope.is_in_cluster and scope.application))


def history(facts: Facts) -> Remedy:
    """The step for whatever a change may have brought."""
    return Remedy(
        text="See what changed before, and revert it if it brought this.",
        command=see_history(facts.case.scope),
    )
