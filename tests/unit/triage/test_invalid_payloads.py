"""Each invalid payload in ``invalid/`` is named after the check that must reject it."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import InvalidPayload
from triage.senders.alertmanager import load_webhook

_EXAMPLES = sorted((Path(__file__).parent / "invalid").glob("*.yaml"))


@pytest.mark.parametrize("path", _EXAMPLES, ids=lambda path: path.stem)
def test_an_invalid_payload_is_rejected_with_its_sentence(path: Path) -> None:
    expected = path.read_text().split("\n", 1)[0].removeprefix("# expects: ")
    with pytest.raises(InvalidPayload) as caught:
        load_webhook(path)
    assert any(expected in mistake for mistake in caught.value.mistakes)


def test_unknown_keys_of_alertmanager_are_tolerated(tmp_path: Path) -> None:
    body = _EXAMPLES[0].read_text().replace('fingerprint: ""', "fingerprint: abcdef\n    novelty: 1")
    (tmp_path / "good.yaml").write_text(body)
    assert load_webhook(tmp_path / "good.yaml").alerts[0].fingerprint == "abcdef"
