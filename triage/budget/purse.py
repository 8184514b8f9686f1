"""May the model be asked now? The ledger says what is left, the breaker whether the provider is well."""

from __future__ import annotations

from triage.analysts.analysis import Usage
from triage.breaker import Breaker, BreakerState
from triage.budget.ledger import Ledger
from triage.budget.limits import Prices, Spent
from triage.errors import AnalystUnavailable

#: a token of English and of logs, on the safe side
_CHARACTERS_OF_A_TOKEN = 3
#: an answer's most
_ANSWER_TOKENS = 3_000


class Purse:
    """One provider's; safe to use from several threads."""

    def __init__(self, ledger: Ledger, breaker: Breaker, prices: Prices) -> None:
        self._ledger = ledger
        self._breaker = breaker
        self._prices = prices

    def open(self, incident_id: str, characters: int) -> int:
        """Set aside what a question of that size can cost.

        Raises:
            AnalystUnavailable: when a budget is used up, or the provider failed so often that it has a rest.
        """
        if self._breaker.state is BreakerState.OPEN:
            wait = self._breaker.wait_seconds
            raise AnalystUnavailable(
                f"the language model failed several times in a row and is asked again in {wait:.0f} s."
            )
        return self._ledger.reserve(incident_id, self._estimate(characters))

    def close(self, entry: int, usage: Usage | None) -> Usage:
        """Write down what it cost; what a failed call cost is not known, so the estimate stays."""
        if usage is None:
            self._breaker.failed()
            return Usage()
        self._breaker.succeeded()
        cost = self._prices.of(usage.input_tokens, usage.output_tokens)
        self._ledger.settle(entry, Spent(usage.calls, usage.input_tokens + usage.output_tokens, cost))
        return usage.model_copy(update={"cost_usd": cost})

    def _estimate(self, characters: int) -> Spent:
        """A first question and its repair, which sends the first again; a wrong shape is rare."""
        asked = 2 * characters // _CHARACTERS_OF_A_TOKEN
        return Spent(2, asked + 2 * _ANSWER_TOKENS, self._prices.of(asked, 2 * _ANSWER_TOKENS))
