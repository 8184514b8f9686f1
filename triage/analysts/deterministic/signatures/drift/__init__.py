"""What drift means. A new signature is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.signatures.drift import (
    concept_drift,
    data_drift,
    model_decay,
    request_metadata,
)

DRIFT_SIGNATURES: Sequence[Signature] = (
    data_drift.SIGNATURE,
    concept_drift.SIGNATURE,
    model_decay.SIGNATURE,
    request_metadata.SIGNATURE,
)
