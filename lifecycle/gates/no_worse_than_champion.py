"""Would replacing the champion cost quality?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.interval_text import told
from lifecycle.gates.verdict import at_least, not_applicable


class NoWorseThanChampion:
    """The paired difference excludes, at its interval's lower end, a loss larger than the margin.

    Both models see the same resampled rows, so that what is hard for both cancels out.
    """

    name = "no_worse_than_champion"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the lower end of candidate minus champion with minus the margin."""
        champion = evidence.champion
        if champion is None:
            return not_applicable(self.name, "There is no champion yet to compare with.")
        found = champion.difference
        where = f"version {champion.version} on the same {champion.rows} rows"
        subject = f"{evidence.metric_title} minus that of {where}"
        caveat = f" {champion.caveat}" if champion.caveat else ""
        return at_least(
            self.name,
            subject,
            found.low if found is not None else None,
            0.0 - evidence.bounds.champion_margin,
            f"{subject} is {told(found)}; the lower end {{verdict}} {{bound}}.{caveat}",
        )
