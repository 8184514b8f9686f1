"""All signatures. A new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.signatures import (
    client_errors,
    hung,
    input_shift,
    payload,
    predict,
    process_died,
    release,
    restart,
    server_errors,
    traffic,
)

SIGNATURES: Sequence[Signature] = (
    release.SIGNATURE,
    predict.SIGNATURE,
    payload.SIGNATURE,
    traffic.SIGNATURE,
    restart.SIGNATURE,
    server_errors.SIGNATURE,
    client_errors.SIGNATURE,
    process_died.SIGNATURE,
    hung.SIGNATURE,
    input_shift.SIGNATURE,
)
