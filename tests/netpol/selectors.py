"""Label selectors, as ``metav1.LabelSelector`` defines them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One ``matchExpressions`` entry; ``matchLabels`` are In with one value."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Labels) -> bool:
        """Whether labels meet it; NotIn also holds for labels without the key."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
            case _:
                raise ValueError(f"'{self.operator}' is no operator: In, NotIn, Exists and DoesNotExist are.")


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements together; none of them selects everything."""

    requirements: tuple[Requirement, ...] = ()

    @classmethod
    def parse(cls, content: Mapping[str, Any]) -> Selector:
        """Read it from a manifest."""
        labels = content.get("matchLabels") or {}
        expressions = content.get("matchExpressions") or ()
        return cls(
            (
                *(Requirement(key, "In", frozenset({value})) for key, value in sorted(labels.items())),
                *(
                    Requirement(entry["key"], entry["operator"], frozenset(entry.get("values") or ()))
                    for entry in expressions
                ),
            )
        )

    def selects(self, labels: Labels) -> bool:
        """Whether all requirements hold."""
        return all(requirement.holds(labels) for requirement in self.requirements)
