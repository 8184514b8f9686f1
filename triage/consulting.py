"""Asking the analysts: every one is heard, and one that can't answer is named and missed."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog

from triage.analysts.analysis import Analysis
from triage.analysts.analyst import Analyst, Case
from triage.errors import AnalystUnavailable
from triage.report.compose import Findings
from triage.report.document import AnalystLine
from triage.report.spending import Phase, spending_of

_log = structlog.stdlib.get_logger()


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
        except Exception as error:  # noqa: BLE001 - a mistake in one analyst must not cost the whole report
            _log.exception("analyst_failed", analyst=analyst.name)
            lines.append(AnalystLine(name=analyst.name, problem=f"it failed ({type(error).__name__})."))
        else:
            analyses.append(analysis)
            lines.append(AnalystLine(name=analyst.name, dropped=analysis.dropped))
        phases.append(Phase(name=f"{analyst.name} analyst", seconds=time.monotonic() - began))
    return Findings(analyses, lines, case.evidence, spending_of(phases, analyses))
