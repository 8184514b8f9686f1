"""What can go wrong between a cluster and what git says of it.

HomeostatError
+-- InstallationError   Argo CD's own manifests could not be had, or its parts don't start
+-- NotSettled          an Application did not become Synced and Healthy; its reason is in the sentence
"""

from __future__ import annotations

from homeostat.errors import HomeostatError


class InstallationError(HomeostatError):
    """Argo CD could not be installed."""


class NotSettled(HomeostatError):  # noqa: N818 - a state of the cluster, and its reason
    """An Application did not become Synced and Healthy in time."""
