"""Turn a value and a bound into a verdict with its sentence; what is not a number never passes."""

from __future__ import annotations

import math

from homeostat.release import GateResult, Outcome


def at_least(name: str, subject: str, value: float | None, bound: float, sentence: str) -> GateResult:
    """Pass when ``value`` reaches ``bound``.

    ``sentence`` is a template with ``{value}``, ``{verdict}`` and ``{bound}``, for example ``"Accuracy is
    {value}, which {verdict} {bound}."`` where ``{verdict}`` becomes "meets the required" or "is below the
    required". ``subject`` is what could not be measured when there is no number.
    """
    if value is None or not math.isfinite(value):
        return _unmeasured(name, subject, value, bound, "at least")
    passed = value >= bound
    verdict = "meets the required" if passed else "is below the required"
    return _measured(name, value, bound, sentence.replace("{verdict}", verdict), passed=passed)


def at_most(
    name: str, subject: str, value: float | None, bound: float, sentence: str, scale: float = 1.0
) -> GateResult:
    """Pass when ``value`` stays within ``bound``; the rest is as in :func:`at_least`.

    The sentence tells both numbers times ``scale``, such as 1000 for seconds that are told in milliseconds.
    """
    if value is None or not math.isfinite(value):
        return _unmeasured(name, subject, value, bound, "at most", scale)
    passed = value <= bound
    verdict = "is within the allowed" if passed else "is above the allowed"
    return _measured(name, value, bound, sentence.replace("{verdict}", verdict), scale, passed=passed)


def not_applicable(name: str, reason: str) -> GateResult:
    """There is nothing to measure yet; ``reason`` is the whole sentence."""
    return GateResult(name=name, outcome=Outcome.NOT_APPLICABLE, value=None, bound=None, sentence=reason)


def tell(value: float, bound: float) -> tuple[str, str]:
    """A measured value in as many digits, from three, as tell it from the bound, which is told as given.

    >>> tell(0.9, 0.85)
    ('0.900', '0.85')
    >>> tell(0.84999, 0.85)
    ('0.84999', '0.85')
    >>> tell(93_512, 5_000_000)
    ('93,512', '5,000,000')
    """
    for digits in range(3, 17):
        told = (figure(value, digits), _given(bound, digits))
        if value == bound or float(told[0].replace(",", "")) != float(told[1].replace(",", "")):
            return told
    return repr(value), repr(bound)


def figure(number: float, digits: int = 3) -> str:
    """A measured number in that many significant digits, the last zeros among them.

    >>> figure(0.9)
    '0.900'
    """
    return _without_exponent(f"{number:#.{digits}g}".rstrip("."), number)


def _given(number: float, digits: int) -> str:
    return _without_exponent(f"{number:.{digits}g}", number)


def _without_exponent(told: str, number: float) -> str:
    """Nobody compares 9.35e+04 with 5e+06."""
    return f"{number:,.0f}" if "e+" in told and abs(number) < 1e15 else told


def _measured(
    name: str, value: float, bound: float, sentence: str, scale: float = 1.0, *, passed: bool
) -> GateResult:
    told_value, told_bound = tell(value * scale, bound * scale)
    return GateResult(
        name=name,
        outcome=Outcome.PASSED if passed else Outcome.FAILED,
        value=value,
        bound=bound,
        sentence=sentence.replace("{value}", told_value).replace("{bound}", told_bound),
    )


def _unmeasured(
    name: str, subject: str, value: float | None, bound: float, side: str, scale: float = 1.0
) -> GateResult:
    """NaN is recorded as None, since JSON and YAML readers disagree about it."""
    found = "missing" if value is None else f"{value}"
    told = _given(bound * scale, 3)
    return GateResult(
        name=name,
        outcome=Outcome.FAILED,
        value=None,
        bound=bound,
        sentence=f"{subject} could not be measured (it is {found}); {side} {told} is required.",
    )
