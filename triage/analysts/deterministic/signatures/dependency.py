"""Another system that the service needs does not answer: refused, timed out, reset, or failing itself."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.places import look, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.remote import remote_in
from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.stores import REFUSALS, store_in

_WAYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("refusals to serve", REFUSALS),
    (
        "connection refused",
        re.compile(r"(?i)connection refused|\bECONNREFUSED\b|actively refused|\bErrno 111\b"),
    ),
    (
        "timeout",
        re.compile(
            r"(?i)i/o timeout|context deadline exceeded|connect(?:ion)? ?timed? ?out|ConnectTimeout"
            r"|ReadTimeout"
            r"|\bETIMEDOUT\b|\bDeadlineExceeded|DEADLINE_EXCEEDED|upstream (?:request )?tim(?:ed out|eout)"
            r"|timed out (?:while|after|waiting|connecting)|read timed out|timeout (?:exceeded|expired"
            r"|after|waiting|of|while)"
            r"|request to \S+ timed out|Client\.Timeout|operation timed out|\btimeout: \S+"
        ),
    ),
    (
        "unreachable",
        re.compile(
            r"(?i)no route to host|network is unreachable|\bEHOSTUNREACH\b|no healthy upstream"
            r"|no (?:live upstreams|available (?:server|backend)|endpoints (?:available|found))"
            r"|does not have any active endpoint|NoBrokersAvailable"
            r"|ServerSelectionTimeout"
            r"|could not connect to server|can't connect to (?:\w+ )?server|broker may not be available"
            r"|upstream connect error|connection to (?:node|broker|host)\b.{0,80}could not be established"
            r"|(?:could not|couldn't|cannot|unable to|failed to) (?:connect to (?:the )?(?:endpoint|\w+://"
            r"|all addresses)|establish (?:a |the )?(?:new )?connection)"
            r"|no_healthy_upstream|\\\" 503 (?:UF|UH|UC|UT|LR|NC)\b|code = Unavailable"
            r"|circuit ?breaker\b.{0,60}\bopen\b"
            r"|circuit (?:is )?open\b"
            r"|Node may not be available|[Bb]roker \S+ .{0,40}disconnected"
            r"|all brokers down|failed to update metadata after"
        ),
    ),
    (
        "connection reset",
        re.compile(
            r"(?i)connection reset|\bECONNRESET\b|lost connection to|server closed the connection"
            r"|connection (?:was )?(?:closed|aborted) (?:unexpectedly|by (?:peer|remote|server))"
            r"|RemoteDisconnected"
            r"|server has gone away|unexpected EOF|upstream prematurely closed"
        ),
    ),
    (
        "errors (5xx)",
        re.compile(
            r"(?i)(?:upstream|backend|dependency|downstream|from|by|https?://)\b.{0,160}\b(?:returned"
            r"|answered|responded|status|response|replied|error)"
            r"\W{0,3}(?:\w+\W+){0,3}(?:HTTP \w*\W*)?50[0-4]\b"
            r"|50[0-4] (?:Server Error|Service Unavailable|Bad Gateway|Gateway Time-?out"
            r"|Internal Server Error)[^\"]{0,40}(?:for url|from|by)"
            r"|(?-i:UNAVAILABLE: )|StatusCode\.UNAVAILABLE"
        ),
    ),
    (
        "slow answers",
        re.compile(
            r"(?i)(?:slow query|upstream|dependency|backend|downstream|database|query|(?:call"
            r"|request)s? to \S+|fetch\w* \S+)"
            r"\b.{0,80}?\b(?:[1-9]\d{3,}(?:\.\d+)? ?ms|[1-9]\d*(?:\.\d+)? ?s(?:ec(?:ond)?s?)?)\b"
        ),
    ),
)
_ANY = tuple(pattern for _, pattern in _WAYS)
_REFUSED = dict(_WAYS)["connection refused"]
_ELSEWHERE = re.compile(
    rf"{PULLING.pattern}|(?:readiness|liveness|startup) probe|\bprobe (?:failed|errored)|\bscrap(?:e|ing)\b"
    r"|name resolution|no such host|name or service not known|x509|certificate|\blookup \S+: "
    r"|\blookup \S+ on |\bdial udp \S+:53\b|plugin/health: "
    r"|QueuePool|connection pool|from pool|\block(?:ed|s)?\b|too many (?:connections|clients)|HikariPool"
    r"|slow_request"
)
#: what a service does without: its failure is noise more often than a cause
_ASIDE = re.compile(
    r"(?i)telemetry|\botel|opentelemetry|jaeger|zipkin|statsd|traces? export|exporting|analytics|sentry"
    r"|pushgateway"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for failures to reach or use another system, and name it."""
    found = [one for one in complaints(facts, *_ANY, but=_ELSEWHERE) if not _is_itself(facts, one)]
    serious = [one for one in found if not _ASIDE.search(one.text("text"))]
    if not found:
        return None
    shown = serious or found
    named = [(remote_in(one.text("text")), one) for one in shown]
    name = next((remote for remote, _ in named if remote), "") or store_in(shown[0].text("text"))
    # one story: the lines about the system that is named
    story = [one for remote, one in named if remote in {name, ""}]
    first = story[0]
    how = next(way for way, pattern in _WAYS if pattern.search(first.text("text")))
    host = name.rpartition(":")[0] or name
    gone = _without_pods(facts, host)
    return claimed(
        Claim(
            kind="dependency",
            title=f"A dependency fails: {name or 'another system'} gives {who(facts, first)} {how}"
            + (f"; {gone.text('name')} has no pod that is ready" if gone else ""),
            explanation=(
                f"{name or 'The other system'} does not answer as it should ({how}), and {who(facts, first)} "
                f"needs it. It said: {said(first)}"
            ),
            remediation=(
                Remedy(
                    text=f"See whether {host or 'the dependency'} runs and has endpoints.",
                    command=f"kubectl get pods,services,endpointslices -A -o wide | grep {host.split('.')[0]}"
                    if host and facts.is_in_cluster
                    else None,
                ),
                Remedy(text="Read its own log and events: its trouble is likely the cause of this one."),
                look(facts, first),
            ),
        ),
        story,
        gone,
        weight=-0.3 if not serious else (0.1 if name else -0.2),
    )


def _is_itself(facts: Facts, fact: Fact) -> bool:
    """Whether the far end is what the alert is about: that it can't be reached only repeats the alert."""
    labels = facts.case.alert.labels
    own = {remote_in(labels[name]) for name in ("instance", "target", "url") if labels.get(name)}
    return remote_in(fact.text("text")) in own - {""}


def refuses(facts: Facts, host: str) -> bool:
    """Whether the host's address is known all the same, since something there refuses connections."""
    found = complaints(facts, _REFUSED, but=_ELSEWHERE)
    return bool(host) and any(host in one.text("text") for one in found)


def _without_pods(facts: Facts, host: str) -> Fact | None:
    """The dependency's own workload, when none of its pods is ready."""
    name = host.split(".", maxsplit=1)[0]
    own = [one for one in facts.all("workload") if one.text("name") == name]
    return next((one for one in own if one.amount("ready") == 0), None)


SIGNATURE = Signature(
    kind="dependency",
    looks_for="another system that does not answer the service",
    symptoms=SYMPTOMS,
    judge=judge,
)
