"""The seam through which code asks for a model to be trained again, and how that may fail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from homeostat.errors import HomeostatError

#: what becomes part of a path and of a workflow's input
_MODEL = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Request:
    """One model, once."""

    #: equal for every attempt; what was asked for is found again by it
    id: str
    model: str
    version: str
    urgency: str
    decided_at: datetime


class RetrainingFailed(HomeostatError):  # noqa: N818 - named after what it is, like the kernel's Refused
    """It was not asked for, as far as that is known; the sentence says why."""

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        may_have_arrived: bool = False,
        wait: timedelta | None = None,
    ) -> None:
        super().__init__(sentence)
        #: no retry mends it
        self.permanent = permanent
        self.may_have_arrived = may_have_arrived
        #: how long we were asked to wait
        self.wait = wait


class Retraining(Protocol):
    """Where training is asked for; it only asks, and the pipeline's gates decide what may serve."""

    def ask(self, request: Request, *, in_doubt: bool) -> str:
        """Ask once, and say in a few words where; ``in_doubt`` after an attempt that may have arrived.

        Raises:
            RetrainingFailed: when it is not asked for, or nobody can tell.
        """
        ...


def is_model(name: str) -> bool:
    """Whether the name can be a model's folder."""
    return _MODEL.fullmatch(name) is not None
