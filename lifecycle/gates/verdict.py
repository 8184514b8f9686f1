"""Turn a value and a bound into a verdict with its sentence; what is not a number never passes."""

from __future__ import annotations

import math

from homeostat.release import GateResult, Outcome


def at_least(name: str, value: float | None, bound: float, sentence: str) -> GateResult:
    """Pass when ``value`` reaches ``bound``.

    ``sentence`` is a template with ``{value}`` and ``{bound}``, completed by what the comparison found; for
    example ``"Accuracy is at least {value}, {verdict} {bound}."`` where ``{verdict}`` becomes
    "below the required" or "which meets the required".
    """
    if value is None or not math.isfinite(value):
        return _unmeasured(name, value, bound, "at least")
    passed = value >= bound
    verdict = "which meets the required" if passed else "below the required"
    return _measured(name, value, bound, sentence.replace("{verdict}", verdict), passed=passed)


def at_most(name: str, value: float | None, bound: float, sentence: str) -> GateResult:
    """Pass when ``value`` stays within ``bound``; the template is that of :func:`at_least`."""
    if value is None or not math.isfinite(value):
        return _unmeasured(name, value, bound, "at most")
    passed = value <= bound
    verdict = "within the allowed" if passed else "above the allowed"
    return _measured(name, value, bound, sentence.replace("{verdict}", verdict), passed=passed)


def not_applicable(name: str, reason: str) -> GateResult:
    """There is nothing to measure yet; ``reason`` is the whole sentence."""
    return GateResult(name=name, outcome=Outcome.NOT_APPLICABLE, value=None, bound=None, sentence=reason)


def tell(value: float, bound: float) -> tuple[str, str]:
    """Both numbers with as few digits as tell them apart.

    >>> tell(0.84999, 0.85)
    ('0.84999', '0.85')
    >>> tell(0.8, 0.85)
    ('0.8', '0.85')
    >>> tell(93_512, 5_000_000)
    ('93,512', '5,000,000')
    """
    for digits in range(3, 17):
        told = (_digits(value, digits), _digits(bound, digits))
        if told[0] != told[1] or value == bound:
            return told
    return repr(value), repr(bound)


def _digits(number: float, digits: int) -> str:
    """Without an exponent for large numbers: nobody compares 9.35e+04 with 5e+06."""
    told = f"{number:.{digits}g}"
    return f"{number:,.0f}" if "e+" in told and abs(number) < 1e15 else told


def _measured(name: str, value: float, bound: float, sentence: str, *, passed: bool) -> GateResult:
    told_value, told_bound = tell(value, bound)
    return GateResult(
        name=name,
        outcome=Outcome.PASSED if passed else Outcome.FAILED,
        value=value,
        bound=bound,
        sentence=sentence.replace("{value}", told_value).replace("{bound}", told_bound),
    )


def _unmeasured(name: str, value: float | None, bound: float, side: str) -> GateResult:
    """NaN is recorded as None, since JSON and YAML readers disagree about it."""
    found = "missing" if value is None else f"{value}"
    label = name.replace("_", " ")
    return GateResult(
        name=name,
        outcome=Outcome.FAILED,
        value=None,
        bound=bound,
        sentence=f"The {label} could not be measured (it is {found}); "
        f"{side} {_digits(bound, 3)} is required.",
    )
