"""The errors of triage.

HomeostatError
+-- InvalidPayload        a webhook sent something else than its sender's form
+-- UnknownIncident       nothing is stored under that id
+-- LeaseLost             another worker has taken the job over, so this one's result must not be kept
+-- StoreOverloaded       more calls wait to be stored than this process will hold
+-- AnalystUnavailable    an analyst could not answer; the report says so and stands without it
"""

from __future__ import annotations

from homeostat.errors import ConfigError, HomeostatError


class InvalidPayload(ConfigError):  # noqa: N818 - named after what it is, like the kernel's Refused
    """A webhook's body can't be understood; one sentence names each field that is wrong."""


class UnknownIncident(HomeostatError):  # noqa: N818
    """There is no incident with that id."""


class LeaseLost(HomeostatError):  # noqa: N818
    """The job's lease ran out and somebody else holds it now."""


class StoreOverloaded(HomeostatError):  # noqa: N818
    """Too many calls wait to be stored; the sender has to come back."""


class AnalystUnavailable(HomeostatError):  # noqa: N818
    """The analyst gave no usable answer: timeout, error, or nothing that fits the schema."""
