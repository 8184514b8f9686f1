"""Asking the analysts: every one is heard, and one that can't answer is named and missed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from triage.analysts.analysis import Analysis
from triage.analysts.analyst import Analyst, Case
from triage.errors import AnalystUnavailable
from triage.report.compose import Findings
from triage.report.document import AnalystLine
from triage.report.spending import Phase, spending_of


def consult(analysts: Sequence[Analyst], case: Case) -> Findings:
    """What the analysts say of the case; they stand in the order of trust."""
    analyses: list[Analysis] = []
    lines: list[AnalystLine] = []
    phases: list[Phase] = []
    for analyst in analysts:
        began = time.monotonic()
        try:
            analysis = analyst.analyse(case)
        except AnalystUnavailable as error:
            lines.append(AnalystLine(name=analyst.name, problem=str(error)))
        else:
            analyses.append(analysis)
            lines.append(AnalystLine(name=analyst.name, dropped=analysis.dropped))
        phases.append(Phase(name=f"{analyst.name} analyst", seconds=time.monotonic() - began))
    return Findings(analyses, lines, case.evidence, spending_of(phases, analyses))
