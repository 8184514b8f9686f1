"""A TLS certificate is refused: expired, not yet valid, of an unknown authority, or for another name."""

from __future__ import annotations

import re
from datetime import datetime

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import look, who
from triage.analysts.deterministic.pulling import PULLING
from triage.analysts.deterministic.remote import remote_in
from triage.analysts.deterministic.signature import Signature

#: what is wrong with it, in the words of the fault; the first that fits
_FAULTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "is not yet valid",
        re.compile(
            r"(?i)certificate (?:is )?not yet valid|current time \S+ is before"
            r"|CertificateNotYetValid|CERT_NOT_YET_VALID"
        ),
    ),
    (
        "has expired",
        re.compile(
            r"(?i)certificate (?:has |is |was )?(?:already )?expired|expired certificate|CERT_HAS_EXPIRED"
            r"|ERR_CERT_DATE_INVALID|is after \d{4}-\d\d-\d\d|CertificateExpired|certificate expired on"
        ),
    ),
    (
        "is of an unknown authority",
        re.compile(
            r"(?i)unknown (?:certificate )?authority|unable to get (?:local )?issuer"
            r"|self[- ]signed certificate"
            r"|PKIX path building failed|unknown ca\b|UNABLE_TO_VERIFY_LEAF|certificate is not trusted"
        ),
    ),
    (
        "is for another name",
        re.compile(
            r"(?i)certificate is (?:not )?valid for|hostname mismatch|doesn't match (?:either|any"
            r"|certificate)"
            r"|certificate (?:is not|isn't) valid for|ALTNAME_INVALID|cannot validate certificate for"
        ),
    ),
)
#: cert-manager's words about a certificate that it could not bring
_NOT_ISSUED = (
    r"certificate request has failed"
    r"|(?:Failed to|Error) (?:wait for order|finalize|create order|present|sign)"
    r"|order is in \"(?:invalid|errored)\" state|acme: (?:error|authorization error)|Certificate expired on"
)
#: cert-manager's kinds
_ISSUED = frozenset({"Certificate", "CertificateRequest", "Order", "Challenge"})
_ANY = re.compile(
    "(?i)"
    + "|".join(pattern.pattern.removeprefix("(?i)") for _, pattern in _FAULTS)
    + r"|CERTIFICATE_VERIFY_FAILED|PKIX path validation failed|certificate verify failed|x509: "
    rf"|bad certificate|tls: failed to verify|{_NOT_ISSUED}"
)
#: ``openssl x509 -enddate`` and ``kubectl describe certificate``
_NOT_AFTER = re.compile(r"notAfter=(?P<end>[A-Z][a-z]{2} +\d{1,2} [\d:]{8} \d{4}) GMT")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for what a TLS client or server refuses, and for an end of validity that has passed."""
    ended = [one for one in facts.lines(_NOT_AFTER) if _has_passed(facts, one.text("end"))]
    found = [*complaints(facts, _ANY, but=PULLING), *ended]
    if not found:
        return None
    text = " ".join(one.text("text") for one in found)
    fault = next((word for word, pattern in _FAULTS if pattern.search(text)), "")
    fault = fault or ("has expired" if ended else _unissued(text))
    server = next((name for one in found if (name := remote_in(one.text("text")))), "")
    server = server or _issued(facts)
    of = f" of {server}" if server else ""
    target = server if ":" in server else f"{server or 'HOST'}:443"
    return claimed(
        Claim(
            kind="certificate",
            title=f"TLS: the certificate{of} {fault} (x509), seen by {who(facts, found[0])}",
            explanation=(
                f"The TLS handshake is refused because the certificate{of} {fault}, so its requests "
                f"fail. It said: {said(found[0])}"
            ),
            remediation=(
                Remedy(
                    text="Read the certificate's dates, names and issuer.",
                    command=f"openssl s_client -connect {target} -showcerts </dev/null",
                ),
                Remedy(
                    text="See whether cert-manager could renew it.",
                    command="kubectl get certificates,certificaterequests -A",
                ),
                Remedy(
                    text="Renew it, or give the client the authority that signed it; check the clocks too."
                ),
                look(facts, found[0]),
            ),
        ),
        found,
    )


def _unissued(text: str) -> str:
    return "could not be issued" if re.search(f"(?i){_NOT_ISSUED}", text) else "can't be verified"


def _issued(facts: Facts) -> str:
    """The name of the object of cert-manager that the evidence tells of."""
    told = [*facts.all("event"), *facts.all("workload.condition")]
    named = (one.text("object") or one.text("name") for one in told if one.text("kind") in _ISSUED)
    return next((one for one in named if one), "")


def _has_passed(facts: Facts, end: str) -> bool:
    try:
        moment = datetime.strptime(f"{' '.join(end.split())} +0000", "%b %d %H:%M:%S %Y %z")
    except ValueError:
        return False
    return moment <= max(facts.began, facts.case.alert.starts_at)


SIGNATURE = Signature(
    kind="certificate", looks_for="a certificate that is refused", symptoms=SYMPTOMS, judge=judge
)
