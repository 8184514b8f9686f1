"""Plays Slack over real HTTP: the methods that triage calls, with Slack's limits and errors."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.unit.triage.faulty_http import FaultyServer, Reply, serving

CHANNEL = "C0TRIAGE01"
TOKEN = "xoxb-test-token-of-slack"
BOT = "B0HOMEOSTAT"


@dataclass
class Workspace:
    """One channel's messages, the newest last; ``updates`` counts edits by ts."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    updates: dict[str, int] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    now: float | None = None
    page: int = 200
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        del method
        given = {name.lower(): value for name, value in headers.items()}
        if given.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return 200, {"ok": False, "error": "token_revoked"}
        if "json" in given.get("content-type", "") and body.startswith(b"{"):
            content = json.loads(body)
        else:
            content = dict(parse_qsl(body.decode()))
        calls = {
            "auth.test": self._auth,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
        }
        return 200, calls[path.rpartition("/")[2]](content)

    def other(self, text: str, **more: Any) -> dict[str, Any]:
        """A message of somebody else."""
        message = {"ts": self._ts(), "text": text, "user": "U1", **more}
        self.messages.append(message)
        return message

    def marked(self, incident_id: str) -> list[dict[str, Any]]:
        """The messages about one incident."""
        return [
            message
            for message in self.messages
            if message.get("metadata", {}).get("event_payload", {}).get("incident_id") == incident_id
        ]

    def _ts(self) -> str:
        return f"{self.now or time.time():.0f}.{next(self._numbers):06d}"

    def _auth(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"ok": True, "bot_id": BOT, "user_id": "U0BOT"}

    def _post(self, content: dict[str, Any]) -> Mapping[str, Any]:
        if content.get("channel") != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        if wrong := _wrong(content):
            return {"ok": False, "error": wrong}
        message = {**content, "ts": self._ts(), "bot_id": BOT}
        self.messages.append(message)
        return {"ok": True, "channel": CHANNEL, "ts": message["ts"]}

    def _update(self, content: dict[str, Any]) -> Mapping[str, Any]:
        found = next((one for one in self.messages if one["ts"] == content.get("ts")), None)
        if found is None:
            return {"ok": False, "error": "message_not_found"}
        if wrong := _wrong(content):
            return {"ok": False, "error": wrong}
        found.update(content)
        self.updates[found["ts"]] = self.updates.get(found["ts"], 0) + 1
        return {"ok": True, "channel": CHANNEL, "ts": found["ts"]}

    def _history(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        newest = self.messages[::-1]
        start = int(content.get("cursor") or 0)
        size = min(int(content.get("limit", 100)), self.page)
        shown = [
            {
                name: value
                for name, value in one.items()
                if name != "metadata" or self._shows_metadata(content)
            }
            for one in newest[start : start + size]
        ]
        more = start + size < len(newest)
        after = {"next_cursor": str(start + size)} if more else {}
        return {"ok": True, "messages": shown, "has_more": more, "response_metadata": after}

    @staticmethod
    def _shows_metadata(content: Mapping[str, Any]) -> bool:
        return str(content.get("include_all_metadata")) in ("1", "true", "True")


def _wrong(content: Mapping[str, Any]) -> str:
    """Slack's limits, as its reference of blocks tells them."""
    blocks = content.get("blocks", [])
    if len(blocks) > 50:
        return "invalid_blocks"
    if len(content.get("text", "")) > 40_000:
        return "msg_too_long"
    for block in blocks:
        texts = [(block.get("text"), 150 if block["type"] == "header" else 3_000)]
        texts += [(one, 2_000) for one in block.get("fields", [])]
        if len(block.get("fields", [])) > 10:
            return "invalid_blocks"
        if any(text and not 0 < len(text["text"]) <= most for text, most in texts):
            return "invalid_blocks"
    return ""


@dataclass
class SlackServer(FaultyServer):
    """The workspace behind a port."""

    application: Workspace = field(default_factory=Workspace)

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.application.messages


@contextmanager
def slack_server() -> Iterator[SlackServer]:
    server = SlackServer()
    with serving(server):
        yield server
