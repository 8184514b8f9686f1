"""What every test may rely on."""

from __future__ import annotations

import os

# A model provider's key on the developer's machine must never be used by a test.
for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
    os.environ.pop(name, None)
