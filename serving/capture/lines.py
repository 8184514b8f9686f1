"""A captured exchange as JSON lines: one row of the request each, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from serving.bundle import BundleManifest
from serving.capture.ring import Exchange


@dataclass(frozen=True, slots=True)
class Captured:
    """One row that the model was asked, and what it said."""

    time: datetime
    model: str
    version: str
    #: the values as the client sent them, None for a missing one; private features are not among them
    features: Mapping[str, float | None]
    label: int | str
    #: of each class, in the order of the model's classes
    probabilities: tuple[float, ...]
    trace_id: str | None


class Lines:
    """Writes the exchanges of one served model as lines."""

    def __init__(self, manifest: BundleManifest, version: str) -> None:
        self._names = tuple(feature.name for feature in manifest.features if not feature.private)
        self._classes = manifest.classes
        self._model, self._version = manifest.model, version

    def encode(self, exchange: Exchange) -> bytes:
        """One line for each row; a missing value is null."""
        common: dict[str, Any] = {
            "time": datetime.fromtimestamp(exchange.time, UTC).isoformat(),
            "model": self._model,
            "version": self._version,
            "trace_id": exchange.trace_id,
        }
        answers = zip(
            exchange.rows.tolist(), exchange.chosen.tolist(), exchange.probabilities.tolist(), strict=True
        )
        return b"".join(
            orjson.dumps(
                {
                    **common,
                    "features": dict(zip(self._names, values, strict=True)),
                    "label": self._classes[chosen],
                    "probabilities": probabilities,
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )
            for values, chosen, probabilities in answers
        )


def parse_line(line: bytes) -> Captured:
    """The row that a line holds.

    Raises:
        ValueError: when it is no line of :class:`Lines`.
    """
    try:
        content = cast("dict[str, Any]", orjson.loads(line))
        time, probabilities = datetime.fromisoformat(content.pop("time")), content.pop("probabilities")
        return Captured(time=time, probabilities=tuple(probabilities), **content)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{line[:60]!r} is no captured row.") from error
