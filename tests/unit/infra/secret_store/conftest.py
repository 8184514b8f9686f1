"""The rules for sops as they are committed."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


@pytest.fixture
def repository_rules():
    """``secrets/.sops.yaml`` with a recipient put in, as its owner does."""

    def rules(recipient: str) -> str:
        text = (ROOT / "secrets/.sops.yaml").read_text()
        return text.replace("age1-EXAMPLE-put-your-own-recipient-here", recipient)

    return rules
