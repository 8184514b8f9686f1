"""A title names a pod only where the evidence says that it is the one that complains."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.by_hand import Sources, diagnose
from triage.report.document import Report

PODS = """\
NAME                            READY   STATUS    RESTARTS   AGE   IP           NODE     NOMINATED NODE
bank-gateway-675778f6c7-8d7mc   1/1     Running   0          13m   10.42.0.56   node-1   <none>
settlement-85fccdcdc4-mfllz     1/1     Running   0          13m   10.42.0.57   node-1   <none>
"""
LOG = """\
2026-01-02T03:04:00Z INFO settlement worker started
2026-01-02T03:04:05Z ERROR batch 28 failed: POST https://bank-gateway/: <urlopen error [Errno {error}>
2026-01-02T03:04:15Z ERROR batch 29 failed: POST https://bank-gateway/: <urlopen error [Errno {error}>
"""


def title(folder: Path, error: str, **labels: str) -> str:
    """The first cause's, of a log beside a list of pods."""
    (folder / "evidence").mkdir()
    (folder / "evidence" / "pods.txt").write_text(PODS)
    return told_by(folder, LOG.format(error=error), namespace="payments", **labels).causes[0].title


def told_by(folder: Path, log: str, **labels: str) -> Report:
    """The report on a log."""
    alert = {
        "status": "firing",
        "labels": {"alertname": "SettlementBacklogGrowing", **labels},
        "startsAt": "2026-01-02T03:04:10Z",
        "fingerprint": "f",
    }
    (folder / "alert.json").write_text(json.dumps({"version": "4", "groupKey": "g", "alerts": [alert]}))
    (folder / "evidence").mkdir(exist_ok=True)
    (folder / "evidence" / "worker.log").write_text(log)
    return diagnose(folder / "alert.json", Sources(evidence=folder / "evidence"))[0]


def test_of_several_pods_the_alerts_own_is_named(tmp_path):
    told = title(tmp_path, "-3] Temporary failure in name resolution", deployment="settlement")
    assert "settlement-85fccdcdc4-mfllz" in told
    assert "8d7mc" not in told


def test_no_pod_is_named_where_it_could_be_one_of_several(tmp_path):
    told = title(tmp_path, "-3] Temporary failure in name resolution")
    assert "8d7mc" not in told
    assert "mfllz" not in told


@pytest.mark.parametrize(
    ("error", "denied"),
    [("-3] Temporary failure in name resolution", False), ("-2] Name or service not known", True)],
)
def test_a_resolver_that_does_not_answer_has_not_said_that_there_is_no_such_host(tmp_path, error, denied):
    assert ("no such host" in title(tmp_path, error)) == denied
