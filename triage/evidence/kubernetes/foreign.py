"""What the API's objects have in common: unknown keys pass, and null is as good as absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


def _key(name: str) -> str:
    return to_camel(name.removesuffix("_"))


class Foreign(BaseModel):
    """One object, or a part of one, as far as triage reads it."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=_key, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, content: Any) -> Any:
        if not isinstance(content, Mapping):
            return content
        fields = cast("Mapping[str, Any]", content)
        return {name: value for name, value in fields.items() if value is not None}


class Owner(Foreign):
    """Who made an object, and would make it again."""

    kind: str
    name: str
    controller: bool = False


class Meta(Foreign):
    """The metadata of an object."""

    name: str = ""
    namespace: str = ""
    labels: Mapping[str, str] = Field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = Field(default_factory=dict[str, str])
    owner_references: tuple[Owner, ...] = ()
    creation_timestamp: AwareDatetime | None = None
    deletion_timestamp: AwareDatetime | None = None
    generation: int = 0

    @property
    def controller(self) -> Owner | None:
        """The owner that reconciles this object."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class Condition(Foreign):
    """One of an object's conditions, as all kinds of objects have them."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: AwareDatetime | None = None

    @property
    def since(self) -> datetime | None:
        """When it took this status."""
        return self.last_transition_time
