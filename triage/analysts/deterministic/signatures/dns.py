"""A name can't be resolved."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.places import look, namespace_of, pod_of, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.signatures.dependency import refuses
from triage.analysts.deterministic.wording import shortened

_HOST = r"(?P<host>[A-Za-z0-9_](?:[\w.-]*\w)?)"
_NAMED = (
    re.compile(
        rf"(?:^|[\s'\"]){_HOST}:\d{{2,5}}: (?:\[Errno -\d\] )?(?:Temporary failure in name|Name or service)"
    ),
    re.compile(rf"lookup {_HOST}\.?(?: on \S+)?: "),
    re.compile(rf"(?:ENOTFOUND|EAI_AGAIN)[ :]+{_HOST}"),
    re.compile(rf"(?i)could not translate host name \\?[\"']{_HOST}"),
    re.compile(
        rf"(?i)(?:could not|couldn't|can't|cannot|unable to"
        rf"|failed to) resolve (?:host(?:name)?:? )?\\?[\"']?{_HOST}"
    ),
    re.compile(rf"UnknownHostException: {_HOST}"),
    re.compile(rf"(?i)server can't find {_HOST}: (?:NXDOMAIN|SERVFAIL)"),
    re.compile(rf"(?i)bad address '{_HOST}'"),
    re.compile(
        rf"(?i)host=['\"]{_HOST}['\"].*(?:name resolution|name or service not known|nodename nor servname"
        rf"|resolve)"
    ),
    re.compile(rf"(?i)(?:connect(?:ing|ion)? to|at) \\?[\"']?{_HOST}(?::\d+)?\\?[\"']?.*name resolution"),
    re.compile(rf"(?i)https?://{_HOST}.*(?:name resolution|name or service not known|no such host)"),
)
#: an address among a container's environment
_CONFIGURED = re.compile(
    rf"^\s+[A-Z][A-Z0-9_]*(?:URL|URI|HOST|ADDR|ADDRESS|ENDPOINT|SERVER"
    rf"|DSN)[A-Z_]*:\s+(?:\w+://)?(?:\S+@)?{_HOST}"
)
_VALUE = re.compile(rf"^\s+value: [\"']?\w+://(?:\S+@)?{_HOST}[:/]")
_SOME = re.compile(
    r"(?i)no such host|temporary failure in name resolution|name or service not known|nodename nor servname"
    r"|\bNXDOMAIN\b|\bSERVFAIL\b|getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)|name resolution (?:failed|error)"
    r"|NameResolutionError|\bgaierror\b|\bEAI_AGAIN\b|no servers could be reached|host not found in upstream"
    r"|lookup \S+(?: on \S+)?: .*(?:server misbehaving|i/o timeout|no such host)"
    r"|plugin/loop: Loop .* detected"
    r"|could(?: not|n't) resolve host|could not translate host name|UnknownHostException"
)
#: the answer is final; every other failure is of DNS itself
_NO_SUCH = re.compile(
    r"(?i)no such host|name or service not known|nodename nor servname|\bNXDOMAIN\b|\bENOTFOUND\b"
    r"|UnknownHostException|host not found"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for resolvers' complaints; an image's registry is told by another signature."""
    found = complaints(facts, _SOME, but=PULLING)
    if not found:
        return None
    matches = (pattern.search(one.text("text")) for one in found for pattern in _NAMED)
    host = next((match.group("host") for match in matches if match), "")
    if refuses(facts, host):
        return None
    configured = None
    if not host:
        configured = next(iter(facts.lines(_CONFIGURED)), None) or _only_value(facts)
        host = configured.text("host") if configured else ""
    pod = pod_of(facts, found[0])
    if pod in {one.text("pod") for one in facts.all("pod.waiting")}:
        # nobody gets into a container that does not run
        pod = None
    ask = f"kubectl -n {namespace_of(facts)} exec {pod} -- nslookup {host or 'HOST'}" if pod else None
    return claimed(
        Claim(
            kind="dns",
            title=f"DNS: {who(facts, found[0])} can't resolve "
            + (
                f"the name '{host}'"
                if host
                else f"the name of a host: {shortened(said(found[0]), MOST_TITLE)}"
            )
            + (" (no such host)" if _denied(found) else ""),
            explanation=(
                f"Name resolution fails, so no connection can even be tried: {_why(found)}. "
                f"It said: {said(found[0])}"
            ),
            remediation=(
                Remedy(text="Ask for the name from where it fails.", command=ask),
                Remedy(
                    text="See whether the cluster's DNS is well.",
                    command="kubectl -n kube-system get pods -l k8s-app=kube-dns -o wide",
                ),
                Remedy(
                    text="See whether the Service is there, and compare its name with the configured one.",
                    command="kubectl get services -A",
                ),
                look(facts, found[0]),
            ),
        ),
        found,
        configured,
    )


def _only_value(facts: Facts) -> Fact | None:
    """The one address in an object's environment, where there is no other that could be meant."""
    values = facts.lines(_VALUE)
    return values[0] if len({one.text("host") for one in values}) == 1 else None


def _denied(found: Sequence[Fact]) -> bool:
    """Whether a resolver answered that there is no such name."""
    return any(_NO_SUCH.search(one.text("text")) for one in found)


def _why(found: Sequence[Fact]) -> str:
    if _denied(found):
        return "the name is wrong, or its Service does not exist"
    return "DNS does not answer, or answers that it can't now"


SIGNATURE = Signature(kind="dns", looks_for="a name that can't be resolved", symptoms=SYMPTOMS, judge=judge)
