"""What every test may rely on."""

from __future__ import annotations

import os

from hypothesis import settings

# Examples are not timed: on a busy machine the first one pays for imports and would fail the test.
settings.register_profile("homeostat", deadline=None)
settings.load_profile("homeostat")

# A model provider's key on the developer's machine must never be used by a test.
for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
    os.environ.pop(name, None)
