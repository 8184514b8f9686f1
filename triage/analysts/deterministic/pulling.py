"""Words that tell that a line is about pulling an image, whose failures have a signature of their own."""

from __future__ import annotations

import re

PULLING = re.compile(
    r"(?i)\bpull(?:ing)?\b.*\bimage|\bimage\b.*\bpull|ErrImagePull|ImagePullBackOff"
    r"|failed to resolve reference"
    r"|failed to do request: Head \S+/v2/|failed to authorize: failed to fetch (?:anonymous|oauth) token"
)
