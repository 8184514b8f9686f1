"""Whatever stands in the file: a definition or sentences, never a traceback."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from homeostat.errors import ConfigError
from infra.definition.document import Definition
from tests.unit.infra.definition.wanted import content, parsed

WORDS = st.sampled_from(
    [
        *(
            "",
            " ",
            "server",
            "agent",
            "a/b",
            "0.0.0.0/0",
            "255.255.255.255",
            "1.2.3.4/32",
            "10.42.0.0/31",
            "4GiB",
        ),
        *(
            "-1GiB",
            "99999999999TiB",
            "v1.34.4+k3s1",
            "https://[::1",
            "@",
            "~nobody/x",
            "'{}'",
            "\n",
            "\0",
            "ü",
            "*/0",
        ),
        *("0-0 * * * *", "1--2 * * * *", "/ / / / /"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.integers(), inner, max_size=4),
    max_leaves=8,
)


def places(found: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where values lie in plain data."""
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [path for key, inner in items for path in ((*before, key), *places(inner, (*before, key)))]


def every_key() -> dict[str, Any]:
    """A definition that also has what is seldom there."""
    found = content()
    found["nodes"][3] |= {
        "labels": {"a": "b"},
        "taints": [{"key": "a", "effect": "NoExecute"}],
        "memory_minimum": "2GiB",
    }
    found["nodes"][4] |= {"gpu": {"mapping": "tesla"}, "k3s_version": "v1.33.1+k3s1", "storage": "fast"}
    found["backups"] = {"s3": {"endpoint": "nas:9000", "bucket": "k3s"}, "schedule": "0 0 * * *"}
    found["registry"] = {
        "host": "registry.home.arpa",
        "mirrors": {"docker.io": ["https://registry.home.arpa"]},
    }
    found["firewall"] = {"administrators": ["192.168.30.0/24"]}
    found["proxmox"]["ca_file"] = "pve.pem"
    found["k3s"]["airgap_folder"] = "release"
    return found


@given(st.data())
def test_any_values_anywhere_give_sentences(data):
    found = every_key()
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places(found)))
        target = found
        for key in way:
            target = target[key]
        target[last] = data.draw(VALUES)
    told = outcome(found)
    assert isinstance(told, Definition) or all(
        "\n" not in sentence and sentence[-1] in ".?" for sentence in told
    )


@given(VALUES)
def test_any_content_at_all_gives_sentences(found):
    assert not isinstance(outcome(found), Definition)


def outcome(found: Any) -> Definition | tuple[str, ...]:
    try:
        return parsed(found)
    except ConfigError as error:
        return error.mistakes
