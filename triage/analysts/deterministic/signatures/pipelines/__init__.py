"""What makes a pipeline fail. A new signature is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.signatures.pipelines import (
    build_failed,
    data_contract,
    dependency_resolution,
    environment,
    gate_refused,
    image_vulnerability,
    leaked_secret,
    lint,
    manifest_error,
    sast,
    script_error,
    test_failure,
    training_crash,
    type_error,
    vulnerable_dependency,
)

PIPELINE_SIGNATURES: Sequence[Signature] = (
    gate_refused.SIGNATURE,
    data_contract.SIGNATURE,
    training_crash.SIGNATURE,
    leaked_secret.SIGNATURE,
    sast.SIGNATURE,
    vulnerable_dependency.SIGNATURE,
    image_vulnerability.SIGNATURE,
    test_failure.SIGNATURE,
    lint.SIGNATURE,
    type_error.SIGNATURE,
    manifest_error.SIGNATURE,
    dependency_resolution.SIGNATURE,
    build_failed.SIGNATURE,
    script_error.SIGNATURE,
    *environment.SIGNATURES,
)
