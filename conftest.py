"""What every test may rely on."""

from __future__ import annotations

import os

from hypothesis import settings

# Examples are not timed: on a busy machine the first one pays for imports and would fail the test.
settings.register_profile("homeostat", deadline=None)
settings.load_profile("homeostat")

# No test may use a model provider's key of the developer's machine, nor the developer's own platform.
for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY", "HOMEOSTAT_STATE", "HOMEOSTAT_ROOT"):
    os.environ.pop(name, None)
