"""What one client may take of its worker: time and memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The same for every client; those of a body are its reader's."""

    #: from the first byte, or from the connection's start, to the end of a request's head
    head_seconds: float = 10.0
    #: an idle connection is kept that long: longer than most clients and proxies keep theirs, since a close
    #: here would race with a request from there
    idle_seconds: float = 65.0
    #: while an answer waits for the client to read what was sent before, and for the end of the last answer
    unread_seconds: float = 10.0
    #: of a head, or of what follows a chunked body; the parser has no limit, and copies a value that arrives
    #: in parts once for each part
    head_bytes: int = 64 * 1024
    #: behind the one that is being answered; who sends more without waiting for an answer is hung up on
    queued_requests: int = 16
