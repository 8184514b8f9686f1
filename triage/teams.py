"""Who knows most of a kind of cause: the team that is asked to look."""

from __future__ import annotations

from enum import StrEnum


class Team(StrEnum):
    """Those who can be tagged; what each is called at Slack and GitHub is configured with the routes."""

    SECURITY = "security"
    ML = "ml"
    PLATFORM = "platform"
    #: whoever made the change
    DEVELOPERS = "developers"


_TEAMS = {
    Team.SECURITY: {"sast", "leaked-secret", "vulnerable-dependency", "image-vulnerability"},
    Team.ML: {
        *("gate-refused", "data-contract", "training-crash", "data-drift", "concept-drift", "model-decay"),
        *("input-shift", "drift"),
    },
    Team.DEVELOPERS: {"test-failure", "lint", "type-error", "script-error", "dependency-resolution"},
}


def team_of(kind: str) -> Team:
    """The team for a cause of this kind; what belongs to none of the others is the platform's.

    >>> team_of("leaked-secret"), team_of("disk-full")
    (<Team.SECURITY: 'security'>, <Team.PLATFORM: 'platform'>)
    """
    return next((team for team, kinds in _TEAMS.items() if kind in kinds), Team.PLATFORM)
