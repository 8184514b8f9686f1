# pyright: basic
# slack-sdk's client and answers carry untyped dictionaries; here they become mappings of our own.
"""Calls of Slack's API, with every way to fail as one error.

Retries are the outbox's alone: left to itself slack-sdk sends a message again after its connection broke, and
so posts it twice.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web.client import WebClient

from triage.destinations.destination import DeliveryFailed, Outcome
from triage.destinations.retry_after import http_date, retry_after

#: what Slack's pages of its methods call so; what else it refuses is the message's fault
_UNAUTHORISED = {
    "account_inactive": "its app was deactivated",
    "invalid_auth": "it is not one that Slack knows",
    "missing_scope": "it lacks a scope",
    "no_permission": "it may not do this",
    "not_authed": "there is none",
    "not_in_channel": "its app was not invited to the channel",
    "team_access_not_granted": "the workspace was not granted to it",
    "token_expired": "it ran out",
    "token_revoked": "it was revoked",
}
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_TROUBLE = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
#: how slack-sdk calls a body that is no JSON
_NO_JSON = "Received a response in a non-JSON format"
_UNREACHED = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
_DEFAULT_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack said, and when by its own clock."""

    body: Mapping[str, Any]
    date: datetime | None


class SlackApi:
    """One token's calls."""

    def __init__(self, token: str, url: str, timeout_seconds: float) -> None:
        # its own logger tells of failures too, with more than we would
        quiet = logging.getLogger("triage.slack")
        quiet.setLevel(logging.CRITICAL)
        self._client = WebClient(
            token=token,
            base_url=url,
            timeout=max(1, round(timeout_seconds)),
            retry_handlers=[],
            logger=quiet,
        )

    def call(self, method: str, content: Mapping[str, Any]) -> Answer:
        """Call ``method`` with JSON.

        Raises:
            DeliveryFailed: when Slack does not do it, or does not say so.
        """
        return self._call(method, json=dict(content))

    def read(self, method: str, parameters: Mapping[str, Any]) -> Answer:
        """Call a ``method`` that reads, which takes a form.

        Raises:
            DeliveryFailed: when Slack does not answer as it should.
        """
        return self._call(method, params=dict(parameters))

    def _call(self, method: str, **arguments: Any) -> Answer:
        try:
            response = self._client.api_call(method, **arguments)
        except SlackApiError as error:
            raise _answered(error, method) from None
        except URLError as error:
            raise _unreached(error, method) from None
        except TimeoutError:
            raise DeliveryFailed(Outcome.TIMEOUT, f"Slack did not answer {method} in time.") from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            told = f"Slack's answer to {method} broke off ({type(error).__name__})."
            raise DeliveryFailed(Outcome.HALF_RESPONSE, told) from None
        if not isinstance(response.data, dict):
            raise DeliveryFailed(Outcome.HALF_RESPONSE, f"Slack's answer to {method} is no object.")
        return Answer(response.data, http_date(_header(response, "date")))


def _header(response: Any, wanted: str) -> str | None:
    return next((str(value) for name, value in response.headers.items() if name.lower() == wanted), None)


def _answered(error: SlackApiError, method: str) -> DeliveryFailed:
    response = error.response
    status = int(response.status_code)
    code = str(response.get("error") or "") if isinstance(response.data, dict) else ""
    if status == 429 or code in _LIMITED:
        wait = retry_after(_header(response, "retry-after"), _header(response, "date")) or _DEFAULT_WAIT
        told = f"Slack asked to wait {wait.total_seconds():g} s ({method})."
        return DeliveryFailed(Outcome.RATE_LIMITED, told, wait)
    if status >= 500 or code in _TROUBLE:
        told = code if code in _TROUBLE else str(status)
        return DeliveryFailed(Outcome.SERVER_ERROR, f"Slack answered {method} with {told}.")
    if status < 300 and (not code or code.startswith(_NO_JSON)):
        return DeliveryFailed(Outcome.HALF_RESPONSE, f"Slack's answer to {method} broke off.")
    return _refused(code, status, method, str(response.get("needed") or ""))


def _refused(code: str, status: int, method: str, needed: str) -> DeliveryFailed:
    if code in _UNAUTHORISED or status in (401, 403):
        why = _UNAUTHORISED.get(code, f"Slack answered {status}")
        scope = f" ({needed})" if needed else ""
        told = f"Slack does not accept the token for {method}: {why}{scope}. Mend that, then resend."
        return DeliveryFailed(Outcome.UNAUTHORISED, told)
    if code in _GONE:
        told = f"Slack has the message no more, or lets nobody edit it ({code}); 'resend' posts it anew."
        return DeliveryFailed(Outcome.GONE, told)
    said = status if not code or code.startswith(_NO_JSON) else code
    return DeliveryFailed(Outcome.REFUSED, f"Slack refused {method}: {said}.")


def _unreached(error: URLError, method: str) -> DeliveryFailed:
    reason = error.reason
    if isinstance(reason, TimeoutError):
        return DeliveryFailed(Outcome.TIMEOUT, f"Slack did not answer {method} in time.")
    if isinstance(reason, _UNREACHED) or not isinstance(reason, OSError):
        return DeliveryFailed(Outcome.CONNECTION, f"Slack can't be reached: {reason}.")
    # broken while it was sent: nobody knows how much arrived
    return DeliveryFailed(Outcome.HALF_RESPONSE, f"the connection to Slack broke in {method}: {reason}.")
