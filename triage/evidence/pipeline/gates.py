"""A gate that refused a model: our own gates' sentences, and how other pipelines say the same.

Our sentences are written in ``lifecycle/gates``; each tells the value and the bound that it was held against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, number_of, observation
from triage.evidence.pipeline.run_line import RunLine

_N = r"-?[\d][\d.,]*"
#: what a gate's sentence ends with, and the value before it
_VERDICT = re.compile(
    rf"(?:interval (?P<low>{_N}) to {_N}\); the lower end"
    rf"|(?:is|by|takes|has) (?P<value>{_N})[^;:]{{0,60}}?, which)"
    rf" is (?P<side>below the required|above the allowed) (?P<bound>{_N})"
)
_RANGE = re.compile(rf"is (?P<value>{_N}), outside the range (?P<low>{_N}) to (?P<high>{_N})")
_UNMEASURED = re.compile(
    rf"could not be measured \(it is [^)]*\); (?:at least|at most) (?P<bound>{_N}) is required"
)
_REFUSED = re.compile(
    r"(?P<model>[a-z][a-z0-9_]{0,62}) (?:was refused|is not handed off): (?P<sentences>.+)$"
)
_SENTENCE_FIELD = re.compile(r'"sentence": "(?P<sentence>(?:[^"\\]|\\.)+)"')
#: gate, verdict and why
_CELLS = 3
_SENTENCE = re.compile(r"(?<=\.)\s+(?=[A-Z])")
#: words of a sentence -> the gate
_GATES = (
    ("minus that of version", "no_worse_than_champion"),
    ("expected calibration error", "calibration_error"),
    ("Predicting one row", "prediction_latency"),
    ("time to predict one row", "prediction_latency"),
    ("worst slice", "worst_slice"),
    ("calls differently", "champion_disagreement"),
    ("among the training labels", "label_prevalence"),
    ("serialized model", "artifact_size"),
    ("worst way to break one input", "robustness"),
    ("The fall of", "robustness"),
    ("Brier score", "brier_score"),
)
#: others': a metric, its value, a word for "too low" or "too high", and the threshold
_METRIC = (
    r"(?P<metric>accuracy|f1(?:[ _-]score)?|precision|recall|roc[ _-]?auc|auc|mse|rmse|mae|r2|log[ _-]?loss"
    r"|error rate|score)"
)
_LOW = r"below|under|less than|lower than|did not (?:meet|reach)|does not (?:meet|reach)|<"
_HIGH = r"above|exceeds|greater than|>"
_OTHERS = re.compile(
    rf"(?i)\b(?:\w+[ _])?{_METRIC}\b[^.\d\n]{{0,30}}?(?P<value>\d*\.?\d+)\s*%?[^\d\n]{{0,40}}?"
    rf"(?:{_LOW}|{_HIGH})[^\d\n]{{0,40}}?(?P<bound>\d*\.?\d+)"
)
#: the same as two fields: ``accuracy=0.78 threshold=0.85``
_FIELDS = re.compile(
    rf"(?i)\b{_METRIC}\s*[=:]\s*(?P<value>\d*\.?\d+)\b[^\n]{{0,40}}?"
    r"\b(?:threshold|minimum|required|bound)\s*[=:]\s*(?P<bound>\d*\.?\d+)"
)
#: a record of one check, whose verdict is a field
_RECORD = re.compile(
    r"\"(?:metric|gate|check|name)\": ?\"(?P<metric>[\w. -]+)\".*?\"(?:value|actual|score"
    r"|observed)\": ?(?P<value>-?\d*\.?\d+)"
    r".*?\"(?:threshold|minimum|required|bound|limit|expected)\": ?(?P<bound>-?\d*\.?\d+)"
)
_FAILED_RECORD = re.compile(
    r"\"(?:passed|ok|success)\": ?false|\"(?:status|result|verdict)\": ?\"(?:fail|refus|reject)"
)
#: worse than the former model by more than is allowed
_DROP = re.compile(
    rf"(?i)\b{_METRIC}\b[^.\d\n]{{0,20}}?(?:dropped|fell|decreased|regressed|worse"
    rf"|down) by (?P<value>\d*\.?\d+)"
    r"[^\d\n]{0,60}?(?P<bound>\d*\.?\d+)"
)
_SAYS_NO = re.compile(r"(?i)fail|refus|reject|below|not (?:met|passed)|error")


@dataclass(frozen=True, slots=True)
class _Judgement:
    gate: str
    value: float | None
    bound: float | None


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``gate.refused`` for each gate once, cited by the line that told it first."""
    seen: set[str] = set()
    # the sentence by which a model is refused tells all gates in order; tables and JSON tell them again
    refusals = [line for line in lines if " refused: " in line.text or " handed off: " in line.text]
    for line in (
        *refusals,
        *_rows(lines),
        *_fields(lines),
        *(line for line in lines if "│" not in line.text),
    ):
        for model, sentence, judgement in _told(line.text):
            if judgement.gate not in seen:
                seen.add(judgement.gate)
                yield _refusal(line, model, sentence, judgement)


def _rows(lines: Sequence[RunLine]) -> Iterable[RunLine]:
    """The rows of our table of gates, each in one line again; the first names the gate."""
    row: RunLine | None = None
    for line in lines:
        cells = [cell.strip() for cell in line.text.strip().strip("│").split("│")] if "│" in line.text else []
        if len(cells) == _CELLS and cells[0]:
            if row:
                yield row
            row = replace(line, text=cells[2]) if cells[1] == "refused" else None
        elif len(cells) == _CELLS and row:
            row = replace(row, text=f"{row.text} {cells[2]}")
        elif row:
            yield row
            row = None


def _fields(lines: Sequence[RunLine]) -> Iterable[RunLine]:
    """The sentences in a result as JSON."""
    for line in lines:
        if '"sentence"' in line.text and (found := _SENTENCE_FIELD.search(line.text)):
            yield replace(line, text=found["sentence"])


def _told(text: str) -> Iterable[tuple[str, str, _Judgement]]:
    # the cheap test first: a log has many lines
    if not any(mark in text for mark in _MARKS):
        return
    if refused := _REFUSED.search(text):
        for sentence in _SENTENCE.split(refused["sentences"]):
            if judgement := _judged(sentence):
                yield refused["model"], sentence, judgement
        return
    if judgement := _judged(text):
        yield "", text.strip(), judgement
    elif other := (
        _OTHERS.search(text)
        or (_FIELDS.search(text) if _SAYS_NO.search(text) else None)
        or (_DROP.search(text) if _SAYS_NO.search(text) else None)
        or (_RECORD.search(text) if _FAILED_RECORD.search(text) else None)
    ):
        metric = other["metric"].lower()
        yield "", text.strip(), _Judgement(metric, number_of(other["value"]), number_of(other["bound"]))


def _judged(sentence: str) -> _Judgement | None:
    gate = next((name for words, name in _GATES if words in sentence), "minimum_metric")
    if found := _VERDICT.search(sentence):
        return _Judgement(gate, number_of(found["low"] or found["value"]), number_of(found["bound"]))
    if found := _RANGE.search(sentence):
        value, low, high = (number_of(found[name]) for name in ("value", "low", "high"))
        return _Judgement(gate, value, low if value is not None and low is not None and value < low else high)
    if found := _UNMEASURED.search(sentence):
        return _Judgement(gate, None, number_of(found["bound"]))
    return None


def _refusal(line: RunLine, model: str, sentence: str, judgement: _Judgement) -> Observation:
    numbers = {
        name: number
        for name, number in (("value", judgement.value), ("threshold", judgement.bound))
        if number is not None
    }
    return observation("gate.refused", line, numbers, gate=judgement.gate, model=model, sentence=sentence)


_MARKS = (
    *("below the required", "above the allowed", "outside the range", "could not be measured"),
    *(" below ", " under ", "less than", "lower than", "did not", "does not", "above", "exceeds"),
    *("greater than", " < ", " > ", "hreshold", "inimum", "equired", " by ", " refused: ", "handed off: "),
)
PARSER = Parser(marks=_MARKS, observe=observe)
