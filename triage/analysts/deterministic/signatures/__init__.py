"""All signatures. A new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.signatures import (
    application_degraded,
    bad_configuration,
    client_errors,
    crash_loop,
    failing_probe,
    hung,
    image_pull,
    input_shift,
    oom_killed,
    payload,
    predict,
    process_died,
    release,
    restart,
    rollout_hangs,
    server_errors,
    sync_failed,
    target_down,
    traffic,
    unschedulable,
    volume_full,
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
    oom_killed.SIGNATURE,
    crash_loop.SIGNATURE,
    image_pull.SIGNATURE,
    bad_configuration.SIGNATURE,
    unschedulable.SIGNATURE,
    failing_probe.SIGNATURE,
    rollout_hangs.SIGNATURE,
    sync_failed.SIGNATURE,
    application_degraded.SIGNATURE,
    volume_full.SIGNATURE,
    target_down.SIGNATURE,
)
