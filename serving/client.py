"""Asking a model server, for the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from homeostat.errors import HomeostatError, MachineError
from homeostat.paths import repository_root, state_directory

TIMEOUT_SECONDS = 30.0
#: the first explanation starts a process, and the server itself gives up after that
EXPLAINING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says, one mapping with ``label`` and ``probabilities`` for each row."""

    version: str
    classes: tuple[int | str, ...]
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why the model says so: each row's ``class``, ``space``, ``base``, ``contributions``, ``output``."""

    base_is: str
    rows: list[dict[str, Any]]


def url_of(model: str) -> str:
    """Where the platform on this machine serves ``model``, as it tells Prometheus.

    Raises:
        MachineError: when it does not serve it now.
    """
    targets = state_directory(repository_root()) / "targets" / f"model-{model}.json"
    try:
        return "http://" + str(json.loads(targets.read_text(encoding="utf-8"))[0]["targets"][0])
    except (OSError, ValueError, LookupError):
        raise MachineError(f"{model} is not served here: start it with 'make up', or give --url.") from None


def ask(url: str, model: str, rows: Sequence[Mapping[str, Any]]) -> Answer:
    """Send the rows over the Open Inference Protocol.

    Raises:
        HomeostatError: with the server's own sentence when it refuses the rows.
        MachineError: when there is no such server.
    """
    try:
        with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            metadata = _content(client.get(f"/v2/models/{model}"))
            response = _content(client.post(f"/v2/models/{model}/infer", json=_body(metadata, rows)))
    except httpx.HTTPError as error:
        raise MachineError(f"{url} does not answer ({error}): is the platform up?") from error
    return _answer(metadata, response)


def ask_why(url: str, model: str, rows: Sequence[Mapping[str, Any]]) -> Explained:
    """Let the server explain what it says about the rows.

    Raises:
        HomeostatError: with the server's own sentence when it refuses the rows or can't explain the model.
        MachineError: when there is no such server.
    """
    try:
        with httpx.Client(base_url=url, timeout=EXPLAINING_SECONDS, trust_env=False) as client:
            content = _content(client.post(f"/v1/models/{model}:explain", json={"instances": list(rows)}))
    except httpx.HTTPError as error:
        raise MachineError(f"{url} does not answer ({error}): is the platform up?") from error
    return Explained(content["base_is"], content["explanations"])


def _body(metadata: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One tensor for each feature that is given; the server says which are missing or unknown."""
    datatypes = {tensor["name"]: tensor["datatype"] for tensor in metadata["inputs"]}
    names = dict.fromkeys(name for row in rows for name in row)
    for number, row in enumerate(rows):
        if absent := next((name for name in names if name not in row), None):
            raise HomeostatError(
                f"Row {number} has no {absent}, which another row has: give all the same features."
            )
    return {
        "inputs": [
            {
                "name": name,
                "shape": [len(rows)],
                "datatype": datatypes.get(name, "FP64"),
                "data": [row[name] for row in rows],
            }
            for name in names
        ]
    }


def _answer(metadata: Mapping[str, Any], response: Mapping[str, Any]) -> Answer:
    described = {tensor["name"]: tensor for tensor in metadata["outputs"]}
    classes = tuple(json.loads(described["probabilities"]["parameters"]["classes"]))
    given = {tensor["name"]: tensor["data"] for tensor in response["outputs"]}
    flat = given["probabilities"]
    rows = [
        {"label": label, "probabilities": flat[start : start + len(classes)]}
        for label, start in zip(given["label"], range(0, len(flat), len(classes)), strict=True)
    ]
    return Answer(str(response["model_version"]), classes, rows)


def _content(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        raise MachineError(
            f"{response.url} answers {response.status_code} without JSON: is it the server?"
        ) from None
    if response.is_error:
        raise HomeostatError(str(content.get("error", f"{response.url} answers {response.status_code}.")))
    return content
