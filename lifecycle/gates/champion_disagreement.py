"""Does the candidate see the world as the champion does?"""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.verdict import at_most, not_applicable


class ChampionDisagreement:
    """The share of rows that candidate and champion call differently.

    Metrics are measured against the labels at hand, so labels that are wrong in the same way in training
    and test look perfect; the champion learned from earlier labels and disagrees.
    """

    name = "champion_disagreement"

    def judge(self, evidence: Evidence) -> GateResult:
        """Compare the disagreement; a first version has nobody to disagree with."""
        champion = evidence.champion
        if champion is None:
            return not_applicable(self.name, "There is no champion yet to disagree with.")
        share = f"The share of test rows that version {champion.version} calls differently"
        return at_most(
            self.name,
            share,
            champion.disagreement,
            evidence.bounds.maximum_disagreement,
            f"{share} is {{value}}, which {{verdict}} {{bound}}.",
        )
