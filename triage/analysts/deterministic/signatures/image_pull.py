"""A container can't start because its image can't be had: not found, not allowed, or not reachable."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.claims import said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS, waiting_for
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.faults import Fault
from triage.analysts.deterministic.places import look, namespace_of, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.commands import see_history

_REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
)

#: how a pull fails, by what the registry or the runtime says; the first that fits counts
_WAYS = (
    Fault(
        re.compile(r"(?i)no space left on device|disk quota exceeded"),
        "the node's disk is full (no space left on device)",
        "On the node: see which filesystem is full, and remove what is old (images, logs).",
    ),
    Fault(
        re.compile(r"(?i)toomanyrequests|pull rate limit|429 Too Many Requests"),
        "the registry's pull rate limit is reached (toomanyrequests)",
        "Pull with an account or from a mirror, or wait for the limit's window to pass.",
    ),
    Fault(
        re.compile(
            r"(?i)no such host|i/o timeout|connection refused|connection reset|network is unreachable"
            r"|no route to host"
            r"|name resolution|TLS handshake timeout|server misbehaving|context deadline exceeded|EOF\b"
        ),
        "the registry is unreachable",
        "From the node: see whether the registry's name resolves and its port answers.",
    ),
    Fault(
        re.compile(r"(?i)x509|certificate|http: server gave HTTP response to HTTPS client"),
        "the registry's certificate or protocol is refused (x509, TLS)",
        "Give the nodes the registry's authority, or mend its certificate.",
    ),
    Fault(
        re.compile(
            r"(?i)unauthorized|401\b|authentication required|authorization failed|denied: requested access"
            r"|403 Forbidden"
            r"|no basic auth|insufficient_scope|access denied|failed to fetch (?:anonymous|oauth) token"
        ),
        "the registry refuses access (unauthorized, or the repository does not exist)",
        "See whether the pull secret is there and still valid, and whether the repository's name is right.",
    ),
    Fault(
        re.compile(r"(?i)no match for platform|exec format|does not match the specified platform"),
        "the image is not built for the node's platform",
        "Build the image for the nodes' architecture.",
    ),
    Fault(
        re.compile(r"(?i)manifest unknown|not found|404\b|does not exist|name unknown|no such image"),
        "the image or tag is not found",
        "Compare the image's name, tag and digest in git with what was built and pushed.",
    ),
    Fault(
        re.compile(r"(?i)InvalidImageName|invalid reference format|couldn't parse image"),
        "the image's name is invalid",
        "Mend the image's name in git.",
    ),
    Fault(
        re.compile(r"(?i)ErrImageNeverPull|pull policy of Never|is not present with pull policy"),
        "the image is not on the node and may not be pulled (imagePullPolicy: Never)",
        "Import the image on the node, or allow it to be pulled.",
    ),
)
_IMAGE = re.compile(
    r"(?i)(?:pull(?:ing)? image|resolve reference|unpack image|pulling from"
    r"|image) \\?[\"'](?P<image>[\w./:@-]+)\\?[\"']"
)
#: says less than why the pull failed
_ECHO = re.compile(r"Back-off pulling image|Error: (?:ErrImagePull|ImagePullBackOff)")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that waits for its image, and for what the registry answered."""
    waits = waiting_for(facts, _REASONS)
    lines = complaints(facts, PULLING)
    found = [one for one in lines if _way(one.text("text")) or _ECHO.search(one.text("text"))]
    if waits is None and not found:
        return None
    telling = sorted(
        found, key=lambda one: (_way(one.text("text")) is None, bool(_ECHO.search(one.text("text"))))
    )
    way = next((way for one in telling if (way := _way(one.text("text")))), None)
    way = way or _way(waits.text("reason") + waits.text("message") if waits else "")
    pulled = [one for one in facts.all("event") if one.text("reason") in {"Pulling", "BackOff", "Failed"}]
    image = _image(waits, [*telling, *pulled])
    pod = waits.text("pod") if waits else who(facts, telling[0])
    container = f"container {waits.text('container')} of {pod}" if waits else f"pod {pod}"
    fault = way.told if way else "the image can't be pulled"
    reason = waits.text("reason") if waits else "ImagePullBackOff"
    return Cause(
        kind="image-pull",
        title=f"{reason}: {fault}: {shortened(image, MOST_TITLE)}",
        explanation=(
            f"The image of {container} can't be had, so the pod can't start ({reason}): {fault}."
            + (f" It said: {said(telling[0])}" if telling else "")
        ),
        confidence=confidence(BASES["image-pull"], (way is not None, 0.1), (waits is None, -0.05)),
        remediation=(
            Remedy(
                text=way.step if way else "Compare the image's name with what was built.",
                command=see_history(facts.case.scope)
                if "in git" in (way.step if way else "in git")
                else None,
            ),
            look(facts, waits),
            *_more(facts, way, waits, pod),
        ),
        citations=cited(*telling[:2], waits, *telling[2:4], facts.first("handoff")),
        found_by=ANALYST,
    )


def _more(facts: Facts, way: Fault | None, waits: Fact | None, pod: str) -> tuple[Remedy, ...]:
    """What helps with this way of failing only."""
    if way is None or "access" in way.told:
        names = "jsonpath='{.spec.imagePullSecrets}'"
        return (
            Remedy(
                text="See which pull secrets the pod names.",
                command=f"kubectl -n {namespace_of(facts, waits)} get pod {pod} -o {names}",
            ),
        )
    if "not found" in way.told or "invalid" in way.told:
        return (Remedy(text="If a commit named it wrongly, revert that commit and push."),)
    return ()


def _way(text: str) -> Fault | None:
    return next((way for way in _WAYS if way.pattern.search(text)), None)


def _image(waits: Fact | None, lines: list[Fact]) -> str:
    if waits and waits.text("image"):
        return waits.text("image")
    named = (_IMAGE.search(one.text("text") or one.text("message")) for one in lines)
    return next((match.group("image") for match in named if match), "its image")


SIGNATURE = Signature(
    kind="image-pull",
    looks_for="an image that can't be pulled",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
