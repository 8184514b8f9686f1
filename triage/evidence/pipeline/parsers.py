"""All parsers. A new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.evidence.pipeline import pytest_output
from triage.evidence.pipeline.parser import Parser

PARSERS: Sequence[Parser] = (pytest_output.PARSER,)
