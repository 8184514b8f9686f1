"""Every request gets the answer that kserve's own server gives, but for the differences that are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from tests.contract.serving import differences, requests_v1, requests_v2
from tests.contract.serving.applications import Both
from tests.contract.serving.exchange import Answered, Asked

REQUESTS = {f"v1: {name}": asked for name, asked in requests_v1.requests()} | {
    f"v2: {name}": asked for name, asked in requests_v2.requests()
}
DIFFERENT: Mapping[str, tuple[int, int]] = {
    f"{protocol}: {name}": statuses
    for protocol, table in (("v1", differences.IN_V1), ("v2", differences.IN_V2))
    for names in table.values()
    for name, statuses in names.items()
}
Ask = Callable[[Any, Asked], Answered]


def without_nulls(value: Any) -> Any:
    """kserve writes optional members that it has not as null, which the protocol does not forbid."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return {name: without_nulls(member) for name, member in members if member is not None}
    return [without_nulls(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def is_same(ours: Answered, kserves: Answered) -> bool:
    """Whether kserve's clients see no difference; an error's words and a made-up id are each server's own."""
    if (ours.status, ours.content_type) != (kserves.status, kserves.content_type):
        return False
    if ours.status >= 400:
        return ours.is_error and kserves.is_error
    documents = [without_nulls(one.document) for one in (ours, kserves)]
    if documents[1].get("id") == "made up":
        if not documents[0].get("id"):
            return False
        documents[0]["id"] = documents[1]["id"]
    return documents[0] == documents[1] and ours.behind == kserves.behind


@pytest.mark.parametrize("name", [name for name in REQUESTS if name not in DIFFERENT])
def test_the_answer_is_kserves(applications: Both, answer: Ask, name: str):
    ours, kserves = (answer(app, REQUESTS[name]) for app in (applications.ours, applications.kserves))
    assert is_same(ours, kserves), f"{ours}\n{kserves}"


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_listed_difference_is_there(applications: Both, answer: Ask, name: str):
    ours, kserves = (answer(app, REQUESTS[name]) for app in (applications.ours, applications.kserves))
    assert (ours.status, kserves.status) == DIFFERENT[name]
    assert not is_same(ours, kserves)


@pytest.mark.parametrize("name", REQUESTS)
def test_an_error_has_the_protocols_form_and_is_never_the_servers_own(
    applications: Both, answer: Ask, name: str
):
    ours = answer(applications.ours, REQUESTS[name])
    assert ours.status < 500
    assert ours.is_error is (ours.status >= 400)
