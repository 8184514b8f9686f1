"""Secrets go, evidence stays: properties of the redaction that everything stored or sent passes."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeostat.redaction import SHAPES, redact, redact_fields, remember

TOKEN = "Zk3" + "qT9vLx2" * 4
# built from pieces, so that no scanner takes this file for a leak
EXAMPLES = {
    "private-key": "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE " + "KEY-----",
    "jwt": "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "github-token": "gh" + "p_" + TOKEN,
    "gitlab-token": "glp" + "at-" + TOKEN,
    "google-key": "AI" + "za" + TOKEN + "abcdef",
    "openai-key": "s" + "k-" + TOKEN,
    "slack-token": "xo" + "xb-" + TOKEN,
    "k3s-token": "K10" + "0a" * 32 + "::server:" + TOKEN,
    "aws-key": "AK" + "IAIOSFODNN7EXAMPLE",
    "bearer": "Authorization: Bearer " + TOKEN,
    "cookie": "Set-Cookie: session=" + TOKEN + "; Path=/",
    "connection": "postgresql://user:" + "pa55phrase@db:5432/x",
    "email": "someone" + "@example.org",
    "named": "password=" + "hunter22",
}
SECRET_PARTS = {
    **dict.fromkeys(EXAMPLES, TOKEN),
    "private-key": "MIIEow",
    "jwt": "dozjgNryP4J3jVmNHl0w5N",
    "aws-key": "IOSFODNN7EXAMPLE",
    "connection": "pa55phrase",
    "email": "someone",
    "named": "hunter22",
}
lines = st.lists(
    st.sampled_from(tuple(EXAMPLES.values())) | st.text(max_size=40) | st.text(string.printable, max_size=60),
    max_size=6,
).map("\n".join)


def test_every_shape_has_an_example():
    assert set(EXAMPLES) == set(SHAPES)


@pytest.mark.parametrize("shape", EXAMPLES)
def test_a_secret_of_each_shape_goes_and_says_what_it_was(shape):
    clean = redact(f"before {EXAMPLES[shape]} after")
    assert SECRET_PARTS[shape] not in clean
    assert f"[redacted:{shape}:" in clean
    assert clean.startswith("before ")


@given(text=lines)
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text)
    assert redact(once) == once


@given(text=lines)
def test_the_number_of_lines_never_changes(text):
    assert redact(text).count("\n") == text.count("\n")


@given(seed=st.integers(0, 2**32))
def test_a_random_word_without_any_name_goes(seed):
    word = base64.b64encode(random.Random(seed).randbytes(36)).decode()
    assert word not in redact(f"using {word} now")


@given(
    content=st.one_of(
        *(st.text("0123456789abcdef", min_size=length, max_size=length) for length in (32, 40, 64))
    ).filter(lambda word: len(set(word)) > 1)
)
def test_digests_and_commit_ids_survive(content):
    line = f"model_sha256 {content} served since commit {content}"
    assert redact(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "npm error could not resolve: left-pad@1.3.0 and react@18.2.0",
        "GET /v2/models/phishing_detector/versions/3/infer 200 0.812 s",
        'homeostat_inference_latency_seconds_bucket{le="0.5",model="phishing_detector"} 17',
        "2026-03-01T12:00:00.123456+00:00 slow_request duration_seconds=0.81 phases.predict=0.8",
        "image_digest: sha256:" + "0123456789abcdef" * 4,
        "pod phishing-detector-predictor-7d9c8f6b54-x2klq of argocd-applicationset-controller-6c9f8b7d54",
        "in pod catalog-indexer-6d8d4bfb7b-ltbw9_search(28d4c91b-79dd-4f52-89ab-494d5a7c8269)",
    ],
)
def test_ordinary_evidence_is_left_alone(line):
    assert redact(line) == line


def test_equal_secrets_are_recognisable_as_equal_and_others_as_others():
    first, second, third = redact(f"password={'a' * 9}x token={'a' * 9}x password={'b' * 9}x").split()
    assert first.split("=")[1] == second.split("=")[1] != third.split("=")[1]


def test_an_event_of_the_log_loses_the_secrets_of_all_its_fields():
    nested = {"headers": {"x": [EXAMPLES["bearer"]]}}
    event = redact_fields(
        None, "info", {"event": EXAMPLES["named"], "password": "hunter22", "detail": nested, "n": 3}
    )
    assert TOKEN not in str(event)
    assert "hunter22" not in str(event)
    assert event["n"] == 3


def test_redacting_an_event_twice_changes_nothing_more():
    once = redact_fields(
        None, "info", {"event": "x", "api_key": "short", "rows": [{"token": EXAMPLES["jwt"]}]}
    )
    assert redact_fields(None, "info", once) == once
    assert "short" not in str(once)


def test_a_long_path_of_plain_names_stays_readable() -> None:
    path = "home/jane/projects/homeostat/pipeline/000017-4be1/checkout/model-source"
    assert redact(f"cannot read {path}") == f"cannot read {path}"


def test_random_base64_with_slashes_is_no_path() -> None:
    assert "[redacted:random:" in redact("value Zx8Qw3Lk9/Pz2Vb7Nm4Rt6Yh1Jf5/Gd0SaEuIo+q7W")


@pytest.mark.parametrize("joint", ["", "-"])
def test_random_lower_case_is_no_name_of_a_pod(joint):
    words = random.Random(joint).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=48)
    assert "[redacted:random:" in redact(f"value q{joint}{''.join(words)}")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "_",
        "a-",
        "a-bcdfg-",
        "a.",
        "eyJ-",
        "a://",
        "://:x",
        "a@b.",
        "cookie ",
        "password",
        "bearer ",
        "-----BEGIN ",
    ],
)
def test_a_hostile_line_takes_no_more_than_its_length(piece):
    # a pattern that reads a run anew from each of its characters would take hours here
    assert redact(piece * (400_000 // len(piece)))


def test_what_was_remembered_is_redacted_wherever_it_stands_and_each_line_of_it():
    remember("quiet little words\nand a second line\n")
    told = redact("he said quiet little words, and a second line")
    assert "quiet" not in told
    assert "second" not in told
    assert told.count("[redacted:known:") == 2
    assert redact(told) == told


def test_a_short_secret_is_not_remembered_since_any_text_may_hold_it():
    remember("word")
    assert redact("a word") == "a word"
