"""How much language models may be asked: calls, tokens and money, per incident, hour and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent, or may be."""

    calls: int = 0
    tokens: int = 0
    #: US dollars, by the prices in the settings
    money: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(self.calls + other.calls, self.tokens + other.tokens, self.money + other.money)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of each period."""

    incident: Spent
    hour: Spent
    day: Spent


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens; 0 where nothing is paid."""

    input: float = 0.0
    output: float = 0.0

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost.

        >>> Prices(input=2.0, output=10.0).of(500_000, 100_000)
        2.0
        """
        return (input_tokens * self.input + output_tokens * self.output) / 1e6


def over(spent: Spent, limit: Spent, period: str) -> str | None:
    """What of ``limit`` is exceeded by ``spent``, as the report tells it; None when nothing is.

    >>> over(Spent(calls=3), Spent(calls=2, tokens=9, money=1.0), "hour")
    "the hour's budget of 2 calls is used up"
    """
    if spent.calls > limit.calls:
        return f"the {period}'s budget of {limit.calls} calls is used up"
    if spent.tokens > limit.tokens:
        return f"the {period}'s budget of {limit.tokens} tokens is used up"
    if spent.money > limit.money:
        return f"the {period}'s budget of {limit.money:g} US dollars is used up"
    return None
