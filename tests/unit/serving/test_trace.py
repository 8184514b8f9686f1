"""W3C Trace Context, case by case: https://www.w3.org/TR/trace-context/#traceparent-header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace as otel
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from serving.trace import read_traceparent, trace_of

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01".encode()


@pytest.mark.parametrize("flags", ["00", "01", "02", "03"])
def test_a_valid_one_is_read_and_handed_on_as_it_came(flags: str):
    value = f"00-{TRACE}-{PARENT}-{flags}".encode()
    assert read_traceparent(value) == (TRACE, value)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00",
        VALID[:-1],
        VALID + b"-",
        VALID + b"-what-comes-later",
        VALID + b"1",
        VALID + b"\n",
        b" " + VALID,
        VALID.upper(),
        VALID.replace(b"-", b"_"),
        VALID.replace(b"4bf", b"4BF"),
        VALID.replace(b"4bf", b"4bg"),
        VALID.replace(b"f067", b"F067"),
        VALID.replace(b"00-", b"0-", 1),
        VALID.replace(b"00-", b"ff-", 1),
        VALID.replace(b"00-", b"0A-", 1),
        VALID[:-2] + b"0x",
        VALID[:-2] + b"0A",
        f"00-{'0' * 32}-{PARENT}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE[:-1]}-{PARENT}0-01".encode(),
        f"cc-{TRACE}-{PARENT}-01.what".encode(),
        f"cc-{'0' * 32}-{PARENT}-01".encode(),
        f"cc-{TRACE}-{'0' * 16}-01-more".encode(),
        "\uff10\uff10-".encode() + VALID[3:],
    ],
)
def test_an_invalid_one_is_none(value: bytes):
    assert read_traceparent(value) is None


@pytest.mark.parametrize("rest", ["", "-", "-what-comes-later"])
def test_of_a_later_version_is_read_what_this_one_knows(rest: str):
    assert read_traceparent(f"cc-{TRACE}-{PARENT}-01{rest}".encode()) == (TRACE, VALID)


@pytest.mark.parametrize(("flags", "handed_on"), [("ff", b"03"), ("08", b"00"), ("05", b"01")])
def test_flags_without_a_meaning_are_not_handed_on(flags: str, handed_on: bytes):
    read = read_traceparent(f"00-{TRACE}-{PARENT}-{flags}".encode())
    assert read == (TRACE, VALID[:-2] + handed_on)


def test_the_header_is_found_among_others():
    assert trace_of([(b"host", b"here"), (b"traceparent", VALID), (b"tracestate", b"a=b")]) == (TRACE, VALID)


def test_without_a_header_there_is_no_trace():
    assert trace_of([(b"host", b"here"), (b"tracestate", b"a=b")]) is None


def test_of_two_headers_none_is_believed():
    assert trace_of([(b"traceparent", VALID), (b"traceparent", VALID)]) is None


@given(st.from_regex(rb"[0-9a-c]{2}-[0-9a-g]{31,32}-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", fullmatch=True))
def test_opentelemetry_reads_the_same(value: bytes):
    context = TraceContextTextMapPropagator().extract({"traceparent": value.decode("latin-1")})
    span = otel.get_current_span(context).get_span_context()
    read = read_traceparent(value)
    assert (read is not None) == span.is_valid
    assert read is None or read.trace_id == f"{span.trace_id:032x}"
