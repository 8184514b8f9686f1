"""All parsers. A new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Sequence

from triage.evidence.pipeline import (
    bandit,
    compilers,
    contracts,
    crashes,
    dependencies,
    gates,
    gitleaks,
    image_builds,
    linters,
    manifests,
    other_tests,
    pip_audit,
    pytest_output,
    sarif,
    secret_scanners,
    semgrep,
    snyk,
    trivy,
    troubles,
    unittest_output,
    vulnerability_lists,
)
from triage.evidence.pipeline.parser import Parser

PARSERS: Sequence[Parser] = (
    pytest_output.PARSER,
    unittest_output.PARSER,
    other_tests.PARSER,
    linters.PARSER,
    compilers.PARSER,
    bandit.PARSER,
    semgrep.PARSER,
    gitleaks.PARSER,
    secret_scanners.PARSER,
    pip_audit.PARSER,
    trivy.PARSER,
    snyk.PARSER,
    vulnerability_lists.PARSER,
    sarif.PARSER,
    manifests.PARSER,
    dependencies.PARSER,
    image_builds.PARSER,
    gates.PARSER,
    contracts.PARSER,
    crashes.PARSER,
    troubles.PARSER,
)
