"""What can go wrong on the way from a model's folder to a candidate.

HomeostatError
+-- ConfigError
|   +-- TrainingCodeError     model.yaml names code that is missing or misbehaves
|   +-- DataUnavailableError       the data can't be read, or is not the data that was declared
+-- MachineError
|   +-- RegistryUnavailableError   MLflow can't be reached or lacks what the release names
+-- Refused
    +-- DataContractBroken    the data breaks the schema of model.yaml
    +-- Incomparable          the champion can't be asked what the candidate is asked
    +-- GateRefused           a gate said no
"""

from __future__ import annotations

from collections.abc import Sequence

from homeostat.errors import ConfigError, MachineError, Refused


class TrainingCodeError(ConfigError):
    """``model.yaml`` names code that is missing or does not answer as it should."""


class DataUnavailableError(ConfigError):
    """The data can't be read, or its bytes are not those that were declared."""


class RegistryUnavailableError(MachineError):
    """MLflow can't be reached, or it lacks a version that git says is deployed."""


class DataContractBroken(Refused):
    """The data breaks the schema of ``model.yaml``: one sentence for every violation."""

    def __init__(self, model: str, violations: Sequence[str]) -> None:
        self.violations = tuple(violations)
        super().__init__(f"The data of {model} breaks its contract: " + " ".join(self.violations))


class Incomparable(Refused):
    """The champion can't be asked what the candidate is asked, so nobody knows which is better."""


class GateRefused(Refused):
    """A gate said no: its sentences, one a line."""

    def __init__(self, model: str, sentences: Sequence[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(f"{model} was refused: " + " ".join(self.sentences))
