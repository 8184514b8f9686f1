"""Whatever a file holds: its own numbers, no secrets, and no exception."""

from __future__ import annotations

import codecs
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeostat.redaction import redact
from tests.unit.triage.files.conftest import NOW
from tests.unit.triage.files.test_cluster_text import DESCRIBED, POD_YAML
from triage.alert import Alert, AlertStatus
from triage.analysts.analyst import Case
from triage.analysts.citations import problem_with
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.evidence.collector import scope_of
from triage.evidence.files.collector import FolderCollector, open_folder
from triage.evidence.gather import Gatherer
from triage.evidence.tail import numbered

#: beginnings of every form, so that texts of them, cut and mixed, come about
PIECES = (
    *DESCRIBED.split("\n"),
    *POD_YAML.split("\n"),
    '{"status":"success","data":{"result":[{"metric":{"__name__":"up"},"value":[1,"0"]}]}}',
    "{", "[", '{"kind":"Pod","status":{"phase":1}}', "LAST SEEN  TYPE  REASON  OBJECT  MESSAGE",
    "diff --git a/x b/x", "+++ b/x", "@@ -1 +1 @@", "-a: 1", "+a: 2", "up 1", 'up{a="b"} NaN', "{} =>",
    "1 @[1772366400]", "deployment.apps/web", "REVISION  CHANGE-CAUSE", "1         <none>",
    "time,value", "2026-03-01T11:00:00Z,1", "Name:  argocd/x", "Sync Status:  Synced", 'level=error msg="x',
    "##[error]no", "password=hunter22hunter", "-----BEGIN RSA PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----", "MIIEpAIBAAKCAQEA", "$ kubectl get pods", "\t- x",
    "feature  mean before  mean now  KS  p", "a  1  2  0.5  0.01",
)  # fmt: skip
LINES = st.one_of(st.sampled_from(PIECES), st.text(max_size=60).map(lambda text: text.replace("\n", " ")))


def evidence_of(content: bytes, alertname: str = "AnyAlert"):
    alert = Alert("f", AlertStatus.FIRING, NOW, None, {"alertname": alertname}, {})
    scope = scope_of(alert, NOW)
    with TemporaryDirectory() as name:
        (Path(name) / "a.txt").write_bytes(content)
        folder = open_folder(Path(name))
        return alert, scope, Gatherer([FolderCollector(folder, lambda: NOW)], lambda: NOW).gather(scope)


@given(st.lists(LINES, min_size=1, max_size=40))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_line_and_every_observation_has_the_files_own_number(lines):
    _, _, (item,) = evidence_of("\n".join(lines).encode(errors="replace"))
    keyless = not any("PRIVATE KEY" in line for line in lines)
    for line in item.lines:
        if keyless and "redacted" not in line.text and lines[line.number - 1].isprintable():
            assert line.text == lines[line.number - 1][:4_000]
    assert all(item.text_of(one.line) is not None for one in item.observations)


@given(st.lists(LINES, min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_claimed_of_any_text_is_cited(lines):
    alert, scope, evidence = evidence_of("\n".join(lines).encode(errors="replace"))
    analysis = DeterministicAnalyst().analyse(Case(alert, scope, evidence))
    for claim in (*analysis.causes, *analysis.ruled_out):
        assert [problem_with(one, evidence) for one in claim.citations] == [None] * len(claim.citations)


@given(st.binary(max_size=2_000))
@settings(max_examples=60, deadline=None)
def test_no_bytes_break_the_reading(content):
    _, _, items = evidence_of(content)
    assert len(items) == 1


@given(
    st.lists(
        st.sampled_from(("ok", "", "password:", "token=abcdefgh12345678", "=", "hunter22hunter22")),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_line_keeps_a_secret_that_the_whole_text_would_lose(lines):
    whole = redact("\n".join(lines)).split("\n")
    for line, raw, clean in zip(numbered(lines), lines, whole, strict=True):
        if raw.startswith(("token", "hunter")) and clean != raw:
            assert raw not in line.text


def test_a_private_key_leaves_no_line_and_moves_none():
    key = [
        "before",
        "-----BEGIN RSA PRIVATE KEY-----",
        *["MIIEpAIBAAKCAQEAx3v" * 3] * 5,
        "-----END RSA PRIVATE KEY-----",
        "ERROR after",
    ]
    _, _, (item,) = evidence_of("\n".join(key).encode())
    assert "MIIEpAIB" not in "".join(line.text for line in item.lines)
    assert item.text_of(9) == "ERROR after"


@pytest.mark.parametrize(
    "content",
    [
        "one\r\nERROR two: déjà\r\nthree\r\n".encode(),
        codecs.BOM_UTF8 + "one\nERROR two: déjà\nthree".encode(),
        codecs.BOM_UTF16_LE + "one\nERROR two: déjà\nthree\n".encode("utf-16-le"),
        "one\n\x1b[31mERROR\x1b[0m two: déjà\nthree".encode(),
        "one\nERROR two: d\xe9j\xe0\nthree".encode("cp1252"),
    ],
)
def test_line_ends_encodings_and_colours_change_no_number(content):
    _, _, (item,) = evidence_of(content)
    error = next(one for one in item.observations if one.name == "log.errors")
    assert error.line == 2
    assert item.text_of(2) == "ERROR two: déjà"
