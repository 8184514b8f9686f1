"""Statistics of drift that somebody computed and printed: tables of features, sentences with numbers, JSON.

Nothing is computed here but what the text already compares: a value then, a value now, a test's result. Who
judges whether that is drift is the analyst's code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from triage.evidence.files.located import Located
from triage.evidence.item import Observation
from triage.evidence.kubernetes.statement import Path
from triage.evidence.tail import RawLine

_NUMBER = r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?"
_IS_NUMBER = re.compile(_NUMBER)
_WINDOW = re.compile(r"\b(7|14|30)[ -]?(?:d|days?)\b", re.IGNORECASE)
_GAP = re.compile(r"\s{2,}|\t+|\s*[|,;]\s*")
#: columns by what their headers say
_BASELINE = re.compile(r"(?i)base|ref|before|then|train|previous|former|expected|\bold\b|7d|14d|30d")
_CURRENT = re.compile(r"(?i)now|current|prod|live|recent|serving|actual|\bnew\b|today|24 ?h|observed")
_TESTS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("p_value", re.compile(r"(?i)^(?:p|p[-_ ]?val(?:ue)?|pvalue|q|q[-_ ]?value|adj.*p)$")),
    (
        "effect",
        re.compile(
            r"(?i)^(?:(?:.*[-_ ])?(?:ks|psi)|ks[-_ ].*|statistic|distance|wasserstein|jsd?|effect|d)$"
        ),
    ),
    ("threshold", re.compile(r"(?i)allowed|threshold|limit|bound")),
    ("n", re.compile(r"(?i)^(?:n|count|samples|rows)$")),
)
_FEATURE = re.compile(r"(?i)^(?:feature|column|variable|field|name|input)s?$")
_CLIENT = re.compile(
    r"(?i)^(?:client|user.?agent|tenant|caller|country|region|source|segment|language|locale)s?$"
)
_BASE_WINDOW = re.compile(r"(?i)^(?:baseline|window|against|versus|vs)$")
#: what a statistic is of, by the words around it
_ABOUT: Sequence[tuple[str, re.Pattern[str]]] = (
    ("importance", re.compile(r"(?i)importance|shap|permutation")),
    ("confidence_variance", re.compile(r"(?i)confidence|entropy|certainty")),
    (
        "accuracy",
        re.compile(r"(?i)accuracy|\bauc\b|\bf1\b|precision|recall|brier|log.?loss|\brmse\b|\bmae\b"),
    ),
    ("request_metadata", re.compile(r"(?i)client|user.?agent|payload|request|url length|tenant|traffic mix")),
    ("prediction_shift", re.compile(r"(?i)predict|score|positive rate|class share|output")),
    ("feature_shift", re.compile(r"(?i)feature|column|input|psi|\bks\b|drift")),
)
_SIGNS = re.compile(
    r"(?i)\bdrift|\bPSI\b|\bKS\b|p[-_ ]?value|\baccuracy\b|baseline|chi2|total variation|importance"
)
_SENTENCE = re.compile(
    rf"^\s*(?P<name>[A-Za-z][\w ().%/-]{{1,48}}?)\s*(?:[:=]|\s{{2,}}|\bmean\b|\s)\s*(?P<first>{_NUMBER})"
    rf"(?!\s*(?:d|h|days?|hours?|weeks?)\b)(?![\w.])"
    rf"(?:\s*(?:->|=>|to|→)\s*(?P<second>{_NUMBER}))?(?P<rest>.*)$"
)
_MORE = re.compile(
    r"(?i)\b(?P<key>ks|psi|p|p[-_]?value|n|allowed|threshold|chi2|total variation)\s*[=: ]\s*"
    rf"(?P<value>{_NUMBER})"
)
_MORE_KEYS = {
    "ks": "effect", "psi": "effect", "total variation": "effect", "p": "p_value", "p_value": "p_value",
    "p-value": "p_value", "pvalue": "p_value", "n": "n", "allowed": "threshold", "threshold": "threshold",
}  # fmt: skip
_MOST_DEPTH = 6
_NUMBERS = frozenset({"baseline", "current", "effect", "p_value", "threshold", "n"})
#: a column without words of its own: what is beside it, as a share
_SHARE = re.compile(r"(?i)^(?:share|%|pct|percent|fraction)$")


def shows_drift(lines: Sequence[RawLine]) -> bool:
    """Whether the text is about such statistics at all."""
    return len(lines) < 2_000 and any(_SIGNS.search(line.raw) for line in lines)


def drift_of_text(lines: Sequence[RawLine], file: str) -> Iterable[Observation]:
    """The statistics of tables, and of sentences outside of tables."""
    told = [line for line in lines if line.raw.strip()]
    title = f"{file} {told[0].raw if told else ''}"
    at = 0
    while at < len(told):
        header = _cells(told[at].raw)
        kinds = _kinds(header)
        if len(header) > 2 and kinds[0] in {"feature", "client", "window"} and _compares(kinds):
            end = at + 1
            while end < len(told) and (len(_cells(told[end].raw)) == len(header)):
                end += 1
            yield from _of_table(told[at + 1 : end], header, kinds, title)
            at = end
        else:
            at += 1
    yield from _of_sentences(told, title)


def _compares(kinds: Sequence[str]) -> bool:
    return bool({"baseline", "current", "effect", "p_value"} & set(kinds[1:]))


def _cells(text: str) -> list[str]:
    parts = [part for part in _GAP.split(text.strip().strip("|")) if part]
    return [part.strip() for part in parts]


def _kind(name: str) -> str:
    for kind, pattern in (("feature", _FEATURE), ("client", _CLIENT), ("window", _BASE_WINDOW), *_TESTS):
        if pattern.search(name.strip()):
            return kind
    if _CURRENT.search(name):
        return "current"
    return "baseline" if _BASELINE.search(name) else ""


def _kinds(header: Sequence[str]) -> list[str]:
    kinds: list[str] = []
    for name in header:
        kinds.append(kinds[-1] if kinds and _SHARE.match(name) else _kind(name))
    return kinds


def _of_table(
    table: Sequence[RawLine], header: Sequence[str], kinds: Sequence[str], title: str
) -> Iterable[Observation]:
    statistic = {"feature": "feature_shift", "client": "request_metadata"}.get(kinds[0]) or _about(
        " ".join((*header[1:], title))
    )
    if kinds[0] == "feature" and re.search(r"(?i)importance|shap", f"{' '.join(header)} {title}"):
        statistic = "importance"
    for line in table:
        cells = _cells(line.raw)
        numbers: dict[str, float] = {}
        for kind, cell in zip(kinds[1:], cells[1:], strict=True):
            value = _value(cell)
            # of two measures of a distance the first is told; of a count and its share, the share
            if kind in _NUMBERS and value is not None and not (kind == "effect" and kind in numbers):
                numbers[kind] = value
        if not numbers:
            continue
        texts = {"statistic": statistic, "feature": cells[0] if kinds[0] != "window" else ""}
        window = _WINDOW.search(cells[0] if kinds[0] == "window" else " ".join((*header, title)))
        yield _observation(line.number, numbers, texts, window)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """``name value [-> value] rest`` with what the rest adds."""

    line: RawLine
    name: str
    first: float
    second: float | None
    numbers: Mapping[str, float]

    @property
    def kind(self) -> str:
        """Whether it tells of then, of now, of a test, or of what is allowed."""
        found = _kind(self.name)
        return "effect" if not found and re.match(r"(?i)ks|psi|chi2", self.name) else found


def _sentence(line: RawLine) -> _Sentence | None:
    match = _SENTENCE.match(line.raw)
    first = _value(match["first"]) if match else None
    if match is None or first is None:
        return None
    numbers = {
        _MORE_KEYS[key.lower()]: amount
        for key, value in _MORE.findall(f" {match['rest']}")
        if key.lower() in _MORE_KEYS and (amount := _value(value)) is not None
    }
    second = _value(match["second"]) if match["second"] else None
    return _Sentence(line, match["name"].strip(), first, second, numbers)


def _of_sentences(lines: Sequence[RawLine], title: str) -> Iterable[Observation]:
    """A name, then and now on one line, or on lines below each other."""
    told = [one for line in lines if (one := _sentence(line))]
    allowed = next((one.first for one in told if one.kind == "threshold"), None)
    for at, one in enumerate(told):
        numbers, window = _compared(one, told[:at])
        if numbers:
            if allowed is not None:
                numbers.setdefault("threshold", allowed)
            statistic = _about(one.name) or _about(title) or "feature_shift"
            yield _observation(one.line.number, numbers, {"statistic": statistic, "feature": ""}, window)


def _compared(one: _Sentence, before: Sequence[_Sentence]) -> tuple[dict[str, float], re.Match[str] | None]:
    """What the sentence compares: with its own second value, or with a baseline told before it."""
    window = _WINDOW.search(one.line.raw)
    if one.second is not None:
        return {**one.numbers, "baseline": one.first, "current": one.second}, window
    if one.kind == "effect":
        return {**one.numbers, "effect": one.first}, window
    then = next((former for former in reversed(before) if former.kind == "baseline"), None)
    if one.kind == "current" and then and _about(then.name) == _about(one.name):
        found = {**one.numbers, "baseline": then.first, "current": one.first}
        return found, window or _WINDOW.search(then.line.raw)
    return {}, None


def drift_of_json(document: Located, file: str) -> Iterable[Observation]:
    """Every mapping in the document that holds a statistic, with the name under which it stands."""
    yield from _of_mapping(document, (), _mapping(document.value), file)


def _of_mapping(document: Located, path: Path, fields: Mapping[str, Any], file: str) -> Iterable[Observation]:
    numbers: dict[str, float] = {}
    for key, value in fields.items():
        kind, amount = _kind(key), _amount(value)
        if amount is not None and kind in _NUMBERS:
            if not (kind == "effect" and "effect" in numbers):
                numbers[kind] = amount
        elif (inner := _mapping(value)) and len(path) < _MOST_DEPTH:
            yield from _of_mapping(document, (*path, key), inner, file)
    comparing = {"baseline", "current"} <= numbers.keys() or "effect" in numbers or "p_value" in numbers
    if not path or not comparing:
        return
    names = [str(part) for part in path]
    name, above = names[-1], " ".join(names)
    of_feature = len(path) > 1 and _about(above) in {"feature_shift", "importance"}
    statistic = _about(names[0]) or _about(above) or _about(file)
    texts = {"statistic": statistic or "feature_shift", "feature": name if of_feature else ""}
    told = next((str(key) for key in ("current", "ks", "psi", "p_value") if key in fields), "")
    line = document.line_of((*path, told) if told else path)
    yield _observation(line, numbers, texts, _WINDOW.search(above))


def _amount(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _about(words: str) -> str:
    return next((name for name, pattern in _ABOUT if pattern.search(words)), "")


def _value(text: str) -> float | None:
    text = text.strip()
    if not _IS_NUMBER.fullmatch(text):
        return None
    try:
        value = float(text.rstrip("%").replace(",", ""))
    except ValueError:
        return None
    return value / 100 if text.endswith("%") else value


def _observation(
    line: int, numbers: Mapping[str, float], texts: Mapping[str, str], window: re.Match[str] | None
) -> Observation:
    told = {**texts, "window": f"{window.group(1)}d"} if window else texts
    return Observation(name="drift.statistic", line=line, numbers=numbers, texts=told)
