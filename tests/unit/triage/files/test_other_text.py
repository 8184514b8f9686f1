"""Metrics, changes, logs and statistics, known by what the lines say and not by the files' names."""

from __future__ import annotations

import json

from triage.evidence.item import EvidenceKind, EvidenceStatus

START = 1_772_366_400


def range_answer(metric, before, after, count=20):
    values = [[START + 15 * at, str(before if at < count // 2 else after)] for at in range(count)]
    return {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": metric, "values": values}]},
    }


def test_an_answer_of_prometheus_becomes_the_query_that_it_answers(save):
    answer = json.dumps(range_answer({"__name__": "job:latency_p95:seconds", "job": "web"}, 0.1, 0.9))
    latency = save({"q": answer}, "ModelInferenceLatencyHigh").one("latency_p95")
    assert (latency.numbers["before"], latency.numbers["after"]) == (0.1, 0.9)
    assert latency.numbers["onset"] == START + 150


def test_a_sample_of_an_indented_answer_is_cited_where_the_series_changes(save):
    answer = json.dumps(range_answer({"__name__": "up", "job": "web"}, 1, 0), indent=1)
    seen = save({"q": answer}, "TargetDown")
    item = seen.items[0]
    line = seen.one("up").line
    assert str(START + 150) in "".join(item.text_of(line + at) or "" for at in range(2))


def test_promtools_output_and_tables_with_times_are_series(save):
    promtool = "{} =>\n" + "\n".join(f"{1 if at < 10 else 40} @[{START + 5 * at}]" for at in range(20))
    table = "time,requests_per_second\n" + "\n".join(
        f"2026-03-01T11:{at:02d}:00Z,{1 if at < 10 else 40}" for at in range(20)
    )
    for files in ({"requests-per-second.txt": promtool}, {"t.csv": table}):
        rate = save(files).one("request_rate")
        assert (rate.numbers["shift_before"], rate.numbers["shift_after"]) == (1, 40)


def test_exposed_counters_tell_shares(save):
    exposed = """\
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{code="200"} 75
http_requests_total{code="503"} 25
container_cpu_cfs_periods_total{pod="web-0",container="web"} 100
container_cpu_cfs_throttled_periods_total{pod="web-0",container="web"} 80
"""
    seen = save({"m": exposed})
    assert (seen.one("error_ratio").numbers["after"], seen.one("error_ratio").texts["side"]) == (0.25, "5xx")
    assert seen.one("throttling").numbers["ratio"] == 0.8
    assert seen.one("throttling").line == 6


def test_a_diff_is_a_change_and_shows_nothing_of_what_happened(save):
    diff = """\
commit 0123456789abcdef0123456789abcdef01234567
Author: bot <bot@example.org>
Date:   Sun Mar 1 11:45:00 2026 +0000

    Hand off churn 12

diff --git a/manifests/models/churn/release.yaml b/manifests/models/churn/release.yaml
--- a/manifests/models/churn/release.yaml
+++ b/manifests/models/churn/release.yaml
@@ -1,2 +1,2 @@
-version: 11
+version: 12
diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1 +1 @@
-    return join(rows)
+    return [join(row) for row in rows]
"""
    seen = save({"whatever": diff})
    version, code = seen.all("change")
    assert (version.texts["what"], version.texts["from"], version.texts["to"]) == ("release", "11", "12")
    assert version.at.isoformat() == "2026-03-01T11:45:00+00:00"
    assert code.texts["object"] == "train.py"
    assert seen.one("handoff").texts["commit"].startswith("0123")
    assert seen.items[0].kind is EvidenceKind.CHANGE


def test_what_a_revision_changed_is_told(save):
    def revision(number, image):
        return (
            f"deployment.apps/web with revision #{number}\nPod Template:\n  Containers:\n   web:\n"
            f"    Image:\t{image}\n    Limits:\n      memory:\t128Mi\n\n"
        )

    changed = save({"h": revision(1, "web:1") + revision(2, "web:2")}).one("change")
    assert changed.texts["what"] == "image"
    assert (changed.texts["from"], changed.texts["to"]) == ("web:1", "web:2")


def test_what_the_tools_of_a_pipeline_say_is_read_from_a_run_log(save):
    log = (
        "2026-03-01T11:50:00.1Z ##[group]Run pytest\n2026-03-01T11:50:00.2Z ##[endgroup]\n"
        "2026-03-01T11:50:01.1Z =========================== short test summary info ====================\n"
        "2026-03-01T11:50:01.2Z FAILED tests/test_a.py::test_b - AssertionError: assert 1 == 2\n"
        "2026-03-01T11:50:01.3Z 1 failed in 0.1s\n"
        "2026-03-01T11:50:01.4Z ##[error]Process completed with exit code 1.\n"
    )
    failed = save({"log": log}, "PipelineFailed", repository="a/b").one("test.failed")
    assert failed.texts["test"] == "tests/test_a.py::test_b"
    assert failed.line == 4


def test_a_file_that_says_nothing_says_why(save):
    seen = {
        item.id: item
        for item in save(
            {"empty": "\n\n", "image.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "ok": "x"}
        ).items
    }
    assert seen["empty"].status is EvidenceStatus.EMPTY
    assert (seen["image.png"].status, seen["image.png"].note) == (EvidenceStatus.ERROR, "is no text")
    assert seen["ok"].status is EvidenceStatus.OK
    assert seen["ok"].lines[0].text == "x"
