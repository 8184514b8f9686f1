"""A Slack channel: one message an incident, edited in place from its first word to "resolved".

The hidden marker is the message's metadata, which people don't see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from homeostat.digest import of_bytes
from triage.destinations.destination import DeliveryFailed, Doubt, Outcome, Receipt
from triage.destinations.message import Message
from triage.destinations.routing import Place
from triage.destinations.slack_api import Answer, SlackApi
from triage.destinations.slack_blocks import to_slack
from triage.destinations.token import Token

SLACK_API = "https://slack.com/api/"
EVENT_TYPE = "homeostat_incident"

#: how far two clocks may be apart, and one may have been set, before a post is missed
_MARGIN = timedelta(days=1)
_PAGE = 200
_MOST_PAGES = 25


class SlackDestination:
    """One channel, by its id."""

    name = Place.SLACK.value

    def __init__(self, token: Token, channel: str, url: str, timeout_seconds: float) -> None:
        self._token = token
        self._channel = channel
        self._url = url
        self._timeout_seconds = timeout_seconds

    def revision(self, message: Message) -> str:
        """A digest of text and blocks."""
        return of_bytes(json.dumps(_content(message), sort_keys=True).encode())

    def deliver(self, message: Message, known: str | None, doubt: Doubt | None) -> Receipt:
        """Post or edit.

        Raises:
            DeliveryFailed: see the contract.
        """
        api = SlackApi(self._token.read(), self._url, self._timeout_seconds)
        if known is not None:
            return _edit(api, message, known, Outcome.EDITED)
        if doubt is not None and (found := self._find(api, message.incident_id, doubt)):
            return _edit(api, message, found, Outcome.ADOPTED)
        return self._post(api, message)

    def _post(self, api: SlackApi, message: Message) -> Receipt:
        where = {"channel": self._channel, "unfurl_links": False, "unfurl_media": False}
        said = api.call("chat.postMessage", {**where, **_content(message)}).body
        if not said.get("ts"):
            raise DeliveryFailed(
                Outcome.HALF_RESPONSE, "Slack's answer to chat.postMessage names no message."
            )
        return Receipt(f"{said.get('channel') or self._channel}/{said['ts']}", Outcome.SENT)

    def _find(self, api: SlackApi, incident_id: str, doubt: Doubt) -> str | None:
        """The message with the incident's marker, read from the newest to where it can't be any more."""
        ours = str(api.read("auth.test", {}).body.get("bot_id") or "")
        asked: dict[str, Any] = {"channel": self._channel, "include_all_metadata": True, "limit": _PAGE}
        for _ in range(_MOST_PAGES):
            page = api.read("conversations.history", asked)
            messages: Sequence[Mapping[str, Any]] = page.body.get("messages") or ()
            for one in messages:
                if _is_marked(one, incident_id) and str(one.get("bot_id") or "") == ours:
                    return f"{self._channel}/{one['ts']}"
            after: Mapping[str, Any] = page.body.get("response_metadata") or {}
            cursor = str(after.get("next_cursor") or "")
            if not cursor or _reaches_back(page, messages, doubt):
                return None
            asked["cursor"] = cursor
        told = f"the last {_PAGE * _MOST_PAGES} messages of the channel don't tell whether it was posted"
        raise DeliveryFailed(Outcome.UNDECIDED, f"{told}: look, then 'resend', with --anew if it was not.")


def _edit(api: SlackApi, message: Message, known: str, outcome: Outcome) -> Receipt:
    channel, _, ts = known.partition("/")
    api.call("chat.update", {"channel": channel, "ts": ts, **_content(message)})
    return Receipt(known, outcome)


def _content(message: Message) -> dict[str, Any]:
    shown = to_slack(message)
    marker = {"event_type": EVENT_TYPE, "event_payload": {"incident_id": message.incident_id}}
    # Slack is to find no mention and no name by itself
    quiet = {"parse": "none", "link_names": False}
    return {"text": shown.text, "blocks": list(shown.blocks), "metadata": marker, **quiet}


def _is_marked(message: Mapping[str, Any], incident_id: str) -> bool:
    marker: Mapping[str, Any] = message.get("metadata") or {}
    payload: Mapping[str, Any] = marker.get("event_payload") or {}
    return marker.get("event_type") == EVENT_TYPE and payload.get("incident_id") == incident_id


def _reaches_back(page: Answer, messages: Sequence[Mapping[str, Any]], doubt: Doubt) -> bool:
    """Whether the page's last message is older than what is looked for, by Slack's clock and not ours."""
    if doubt.age is None or page.date is None or not messages:
        return False
    oldest = datetime.fromtimestamp(float(messages[-1]["ts"]), UTC)
    return oldest < page.date - doubt.age - _MARGIN
