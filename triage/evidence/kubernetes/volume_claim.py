"""A persistent volume claim, as far as triage reads it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from triage.evidence.kubernetes.foreign import Foreign, Meta


class ClaimSpec(Foreign):
    """What was asked for."""

    storage_class_name: str = ""
    volume_name: str = ""


class ClaimStatus(Foreign):
    """What was given."""

    phase: str = ""
    capacity: Mapping[str, str] = Field(default_factory=dict[str, str])


class VolumeClaim(Foreign):
    """One claim."""

    metadata: Meta = Meta()
    spec: ClaimSpec = ClaimSpec()
    status: ClaimStatus = ClaimStatus()
