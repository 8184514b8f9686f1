"""The words by which reports of drift call things: sides, distances, statistics. No two use the same."""

from __future__ import annotations

import math
import re
from enum import StrEnum

from triage.drift.statistic import StatisticName


class Column(StrEnum):
    """What a column, a key or a labelled number holds."""

    BASELINE = "baseline"
    CURRENT = "current"
    THRESHOLD = "threshold"
    EFFECT = "effect"
    P_VALUE = "p_value"
    N = "n"


#: a more specific word stands before a more general one
_COLUMNS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    (Column.P_VALUE, re.compile(r"^p$|^p[ _-]?val|pvalue|significance$|^q[ _-]?val")),
    (
        Column.THRESHOLD,
        re.compile(r"thresh|allowed|limit\b|bound\b|tolerat|max(?:imum)?[ _]?(?:drop|shift)|alert[ _]?at"),
    ),
    (
        Column.N,
        re.compile(
            r"^n$|^n[ _]|^(?:rows|samples|count|requests|size|support)$"
            r"|^(?:sample|row)s?[ _](?:size|count)"
        ),
    ),
    (
        Column.CURRENT,
        re.compile(
            r"\b(?:now|current|live|actual|prod(?:uction)?|new|after|today|recent|serving|latest|observed)\b"
            r"|\b(?:this|last)[ _](?:week|day|24 ?h)"
        ),
    ),
    (
        Column.BASELINE,
        re.compile(
            r"\b(?:before|baseline|base|ref(?:erence)?|then|train(?:ing)?|expected|old|previous|prior"
            r"|earlier|champion|ago)\b|\b\d+ ?d(?:ays?)?\b"
        ),
    ),
)
#: distances between two distributions; the first that a row has is taken
_EFFECTS = (
    re.compile(r"\bks\b|kolmogorov"),
    re.compile(r"^effect|^d$|\bdistance\b|wasserstein|hellinger|\bjsd?\b|jensen|total variation|\btvd?\b"),
    re.compile(r"\bpsi\b|population stability"),
    re.compile(r"^statistic$|^drift[ _]?score$|^score$|^shift$"),
)
#: from this place on a distance has no limiting distribution that the number of rows alone gives
UNTESTABLE = 2
#: the reports' own word that something drifted
DRIFTED = re.compile(r"(?i)^(?:drift(?:ed)?|yes|true|alert|fail(?:ed)?|detected|breach(?:ed)?|!+|x|✗|\*+)$")
_STATISTICS: tuple[tuple[StatisticName, re.Pattern[str]], ...] = (
    (StatisticName.IMPORTANCE, re.compile(r"importance|\bshap\b|contribution")),
    (StatisticName.CONFIDENCE_VARIANCE, re.compile(r"confiden|entropy|certaint")),
    (
        StatisticName.ACCURACY,
        re.compile(r"accurac|\b(?:roc[ _-]?)?auc\b|\bf1\b|precision|recall|\bhit rate\b|\br2\b"),
    ),
    (
        StatisticName.PREDICTION_SHIFT,
        re.compile(r"predict|\bscores?\b|\boutputs?\b|positive (?:rate|share)"),
    ),
    (
        StatisticName.REQUEST_METADATA,
        re.compile(
            r"\bclients?\b|\bcallers?\b|user[ _-]?agents?|\bcountr(?:y|ies)\b|\bregions?\b"
            r"|\bchannels?\b|\btenants?\b|\brequests?\b|payload|url[ _]length|body[ _](?:size|length)"
            r"|\bapi[ _]?keys?\b|\bplatforms?\b|\bhours?\b"
        ),
    ),
)
#: a measure of which less is better can't be told by a loss
_LESS_IS_BETTER = re.compile(r"error|loss|brier|\bmae\b|\brmse\b|\bmse\b|latency|seconds")
#: the first column of a table of inputs, of callers, of measures, or of windows
FEATURES = re.compile(r"^(?:features?|columns?|variables?|fields?|inputs?|attributes?|feature[ _]name|name)$")
MEASURES = re.compile(r"^(?:metrics?|measures?|statistics?|check|what|quantity|kpi)$")
WINDOWS = re.compile(r"^(?:baselines?|windows?|periods?|against|horizon|compared (?:to|with))$")
DATES = re.compile(r"^(?:days?|dates?|times?|timestamps?)$")
_WINDOW = re.compile(r"\b(7|14|30)[ _-]?d(?:ays?)?\b")
_NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?")


def column_of(name: str) -> Column | None:
    """What a column of that name holds, effects apart.

    >>> column_of("mean now"), column_of("7d before"), column_of("p-value"), column_of("verdict")
    (<Column.CURRENT: 'current'>, <Column.BASELINE: 'baseline'>, <Column.P_VALUE: 'p_value'>, None)
    """
    if effect_rank(name) is not None:
        return Column.EFFECT
    text = _words(name)
    return next((column for column, pattern in _COLUMNS if pattern.search(text)), None)


def effect_rank(name: str) -> int | None:
    """Which of the distances a column of that name holds, the preferred first; None when none."""
    text = _words(name)
    return next((rank for rank, pattern in enumerate(_EFFECTS) if pattern.search(text)), None)


def statistic_named(name: str) -> StatisticName | None:
    """The statistic that these words name, or None.

    >>> statistic_named("accuracy 7 days before"), statistic_named("debt_ratio")
    (<StatisticName.ACCURACY: 'accuracy'>, None)
    """
    text = _words(name)
    if _LESS_IS_BETTER.search(text):
        return None
    return next((statistic for statistic, pattern in _STATISTICS if pattern.search(text)), None)


def window_in(text: str) -> str:
    """The window that the text names, or the empty string.

    >>> window_in("accuracy 14 days before"), window_in("now")
    ('14d', '')
    """
    found = _WINDOW.search(text.lower())
    return f"{found[1]}d" if found else ""


def number_of(text: str) -> float | None:
    """A number as a cell writes it; a percentage is a share.

    >>> number_of("41.6%"), number_of("+0.016"), number_of("3.7e+04"), number_of("ok")
    (0.416, 0.016, 37000.0, None)
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    value = float(stripped.rstrip("%").replace(",", ""))
    if not math.isfinite(value):
        return None
    return round(value / 100, 9) if stripped.endswith("%") else value


def _words(name: str) -> str:
    return re.sub(r"[_\-./]+", " ", name.strip().lower())
