"""``training.json``: what a later candidate must know about how its champion was trained."""

from __future__ import annotations

from collections.abc import Mapping

from ct.spec import Split
from homeostat.config import Document
from homeostat.release import Sha256

TRAINING_FILE = "training.json"


class TrainingRecord(Document):
    """How one version came about, beyond what serving it takes."""

    #: share of each class among the training labels
    prevalence: Mapping[str, float]
    #: by how much the metric falls when a feature is shuffled
    importance: Mapping[str, float]
    #: what kept its test rows out of training
    split: Split
    #: of the owner's own test set, where there was one instead
    held_out_sha256: Sha256 | None
