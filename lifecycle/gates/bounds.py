"""The bounds that a ``model.yaml`` sets for its gates, in its section ``gates``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from homeostat.config import Document

Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class ShareRange(Document):
    """Between which shares a class is expected."""

    min: Share
    max: Share

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} lies above max {self.max}; give the smaller share first")
        return self


class GateBounds(Document):
    """What a candidate must reach; a bound without a default is a decision that every model makes itself."""

    minimum_metric: Share = Field(description="for the lower end of the metric's bootstrap interval")
    champion_margin: Share = Field(
        default=0.03, description="by how much the candidate may be worse than the champion at most"
    )
    maximum_calibration_error: Share = Field(description="expected calibration error")
    maximum_brier_score: float = Field(
        ge=0.0,
        le=2.0,
        allow_inf_nan=False,
        description="mean squared error of the probabilities, all classes",
    )
    minimum_slice_metric: Share = Field(description="for the worst declared slice")
    maximum_latency_seconds: float = Field(gt=0.0, le=60.0, allow_inf_nan=False)
    maximum_artifact_bytes: int = Field(gt=0)
    maximum_disagreement: Share = Field(
        default=0.15, description="share of rows on which candidate and champion may differ"
    )
    maximum_prevalence_shift: Share = Field(
        default=0.1, description="by how much a class's share may differ from the champion's training labels"
    )
    expected_prevalence: Mapping[str, ShareRange] = Field(
        default_factory=dict[str, ShareRange], description="class -> its share, from knowledge of the field"
    )
    maximum_robustness_drop: Share = Field(
        description="by how much the metric may fall while one input is missing or out of range"
    )
