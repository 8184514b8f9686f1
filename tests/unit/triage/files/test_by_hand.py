"""The command with a folder of evidence."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from tests.unit.triage.files.test_cluster_text import DESCRIBED
from triage.by_hand import Sources, diagnose
from triage.cli import app
from triage.evidence.files.verbatim import verbatim


def test_the_report_names_the_cause_and_quotes_the_files_lines(folder, alert_file):
    root = folder({"notes/d.txt": DESCRIBED})
    called = CliRunner().invoke(app, ["run", "--alert", str(alert_file()), "--evidence", str(root), "--json"])
    assert called.exit_code == 0, called.output
    cause = json.loads(called.output)["causes"][0]
    assert {"title", "explanation", "confidence", "remediation", "citations"} <= cause.keys()
    assert "OOMKilled" in json.dumps(cause)
    lines = DESCRIBED.split("\n")
    for citation in cause["citations"]:
        assert citation["evidence"] == "notes/d.txt"
        assert citation["quote"] in lines[citation["line"] - 1]


def test_old_evidence_is_not_too_old_for_its_own_alert(folder, alert_file):
    """The alert and the evidence are of one day, which may be long ago."""
    root = folder({"d": DESCRIBED})
    report, _ = diagnose(alert_file(), Sources(evidence=root))
    assert report.causes[0].kind == "oom-killed"
    assert report.causes[0].confidence >= 0.8


def test_a_missing_folder_an_empty_one_and_a_wrong_payload_are_told_in_a_sentence(
    tmp_path, folder, alert_file
):
    alert = alert_file()
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"version": "4"}')
    (tmp_path / "nothing").mkdir()
    root = folder({"d": DESCRIBED})
    for arguments, sentence in (
        ((alert, tmp_path / "missing"), "is no folder"),
        ((alert, tmp_path / "nothing"), "holds no file"),
        ((wrong, root), "groupKey"),
    ):
        called = CliRunner().invoke(
            app, ["run", "--alert", str(arguments[0]), "--evidence", str(arguments[1])]
        )
        assert called.exit_code != 0
        assert sentence in f"{called.output}{called.exception}"


def test_a_quote_of_an_altered_line_is_its_longest_piece_that_the_file_has():
    assert verbatim(
        "token=[redacted:named:20d2] was refused by db-0", "token=hunter22 was refused by db-0"
    ) == ("was refused by db-0")
    assert verbatim("ERROR no route to db-0", "\x1b[31mERROR\x1b[0m no route to db-0") == "no route to db-0"
    assert verbatim("as it is", "it is as it is") == "as it is"
