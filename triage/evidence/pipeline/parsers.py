"""All parsers. A new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.evidence.pipeline import (
    bandit,
    contracts,
    crashes,
    dependencies,
    gates,
    gitleaks,
    image_builds,
    linters,
    manifests,
    pip_audit,
    pytest_output,
    sarif,
    snyk,
    trivy,
    troubles,
    unittest_output,
)
from triage.evidence.pipeline.parser import Parser

PARSERS: Sequence[Parser] = (
    pytest_output.PARSER,
    unittest_output.PARSER,
    linters.PARSER,
    bandit.PARSER,
    gitleaks.PARSER,
    pip_audit.PARSER,
    trivy.PARSER,
    snyk.PARSER,
    sarif.PARSER,
    manifests.PARSER,
    dependencies.PARSER,
    image_builds.PARSER,
    gates.PARSER,
    contracts.PARSER,
    crashes.PARSER,
    troubles.PARSER,
)
