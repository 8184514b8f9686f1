"""A package that is locked has a known vulnerability."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    findings,
    named,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

_MOST_EXPLAINED = 5
#: packages by what they do here: what reaches their code decides how much a vulnerability matters
_REACHED = (
    (
        "torch tensorflow keras scikit-learn joblib mlflow onnx onnxruntime xgboost lightgbm numpy pandas",
        "it reads models and data, so it matters most where those come from outside",
    ),
    (
        "flask fastapi starlette werkzeug uvicorn gunicorn aiohttp tornado django h11 bentoml jinja2",
        "where it takes part in serving requests, whoever reaches the endpoint may reach it",
    ),
    (
        "requests urllib3 httpx certifi cryptography pyopenssl idna",
        "it talks to other services, so it matters where tokens and data are sent",
    ),
    (
        "pyyaml lxml pillow protobuf ujson orjson",
        "it reads files and messages, so it matters where those come from outside",
    ),
    (
        "setuptools pip wheel pytest black virtualenv",
        "it is used when building and testing, so the endpoint is seldom exposed by it",
    ),
)


def judge(facts: Facts) -> Cause | None:
    """Explain each package once, the most severe first."""
    found = findings(facts, {"dependency"})
    if not found:
        return None
    step = step_of(facts, found[0])
    first = found[0]
    count = len({one.text("package") for one in found}) - 1
    more = f" and {count} more package{'s' if count > 1 else ''}" if count else ""
    about = f": {first.text('message')}" if first.text("tool") == "snyk" else ""
    title = f"Vulnerable dependency: {package(first)} has {_rules(found, first)}{about}{more}"
    return Cause(
        kind="vulnerable-dependency",
        title=shortened(title, MOST_TITLE),
        explanation=" ".join(_explained(found, one) for one in _packages(found)[:_MOST_EXPLAINED]),
        confidence=confidence(0.85, (step is not None, 0.07)),
        remediation=_remedies(found),
        citations=cited(*found[:_MOST_EXPLAINED], step),
        found_by=ANALYST,
    )


def package(fact: Fact) -> str:
    """The package with its version."""
    return f"{fact.text('package')} {fact.text('version')}".strip()


def _packages(found: Sequence[Fact]) -> Sequence[Fact]:
    """The first finding of each package."""
    return list({package(one): one for one in reversed(found)}.values())[::-1]


def _rules(found: Sequence[Fact], about: Fact) -> str:
    return named(one.text("rule") for one in found if package(one) == package(about))


def _explained(found: Sequence[Fact], one: Fact) -> str:
    name = one.text("package").split(" ")[0].lower()
    reached = next(
        (why for names, why in _REACHED if name in names.split()), "see where its code is reached from"
    )
    graded = f" ({one.text('severity')})" if one.text("severity") else ""
    fixed = f"fixed in {one.text('fixed')}" if one.text("fixed") else "no fixed version is known"
    return f"{package(one)} has {_rules(found, one)}{graded}, {fixed}. Risk here: {reached}."


def _remedies(found: Sequence[Fact]) -> tuple[Remedy, ...]:
    fixable = [one for one in _packages(found) if one.text("fixed")][:_MOST_EXPLAINED]
    stuck = named(package(one) for one in _packages(found) if not one.text("fixed"))
    without = (
        f"{stuck} has no fix: accept it until a date with the reason, or replace the package. It is a false "
        "positive where the vulnerable function is never called; write that down with the exception."
    )
    told = [Remedy(text=_upgrade(one), command="make lock") for one in fixable]
    return (*told, Remedy(text=without)) if stuck else tuple(told)


def _upgrade(one: Fact) -> str:
    versions = f"from {one.text('version')} to at least {one.text('fixed')}"
    return f"Raise {one.text('package')} {versions} where the project asks for it, and lock anew."


SIGNATURE = Signature(
    kind="vulnerable-dependency",
    looks_for="a dependency with a known vulnerability",
    symptoms=SYMPTOMS,
    judge=judge,
)
