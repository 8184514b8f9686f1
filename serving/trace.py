"""Whose trace a request belongs to: W3C Trace Context's ``traceparent``, read and handed on, never invented.

This server starts no spans of its own, so it forwards what it is given: the response, the log and what is
captured carry the id that the caller already knows. A request without a valid one has none, since an id that
nobody else has would find nothing. ``tracestate`` goes nowhere: the specification wants it on *outgoing
requests*, of which there are none here, and defines no such header for responses.

Source: https://www.w3.org/TR/trace-context/#traceparent-header
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

HEADER = b"traceparent"
_LENGTH = 55
#: a valid one as every tracer of today sends it: version 00, flags that Levels 1 and 2 know
_USUAL = re.compile(rb"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-0[0-3]")
#: the same of any version but ff and with any flags
_ANY = re.compile(rb"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


class Trace(NamedTuple):
    """What a valid ``traceparent`` says; a tuple, since one is made for every request."""

    #: 32 lower-case hexadecimal digits
    trace_id: str
    #: what a response carries: version 00, without flags that it does not know
    header: bytes


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> Trace | None:
    """The trace that a request's headers name, as ASGI has them: names in lower case.

    None when there is no ``traceparent``, when it is not valid, and when there are several: nothing says
    which of them is the caller's.
    """
    given = [value for name, value in headers if name == HEADER]
    return read_traceparent(given[0]) if len(given) == 1 else None


def read_traceparent(value: bytes) -> Trace | None:
    """Read the header's value; None when the specification calls it invalid.

    Of a version above 00 what stands behind the flags is ignored, as it wants.

    >>> read_traceparent(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").trace_id
    '4bf92f3577b34da6a3ce929d0e0e4736'
    >>> read_traceparent(b"00-00000000000000000000000000000000-00f067aa0ba902b7-01")
    """
    usual = _USUAL.fullmatch(value)
    return Trace(usual.group(1).decode(), value) if usual else _unusual(value)


def _unusual(value: bytes) -> Trace | None:
    found = _ANY.match(value)
    if found is None:
        return None
    version, trace_id, flags = found.groups()
    # a later version may go on behind another dash
    if len(value) > _LENGTH and (version == b"00" or value[_LENGTH : _LENGTH + 1] != b"-"):
        return None
    # "Vendors MUST set those to zero": the flags that this version does not know
    header = b"00%b0%d" % (value[2 : _LENGTH - 2], int(flags, 16) & 3)
    return Trace(trace_id.decode(), header)
