"""Applications and pipelines of other people: their tools' words, through the command's own way in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from triage.by_hand import Sources, diagnose
from triage.report.document import Report

_PIPELINE = {"alertname": "PipelineFailed", "repository": "acme/shop", "workflow": "ci", "run_id": "1"}


@dataclass(frozen=True)
class _Told:
    """What one file says under one alert, and what has to be made of it."""

    labels: dict[str, str]
    text: str
    kind: str
    entity: str
    #: the line that has to be cited, from 1
    line: int


def _run(command: str, output: str) -> str:
    return f"##[group]Run {command}\n##[endgroup]\n{output}\n##[error]Process completed with exit code 1.\n"


TOLD = {
    "a deadlock in a thread dump": _Told(
        {"alertname": "HealthCheckTimeout", "service": "checkout"},
        "Full thread dump OpenJDK 64-Bit Server VM (21.0.3+9-LTS mixed mode):\n"
        '"exec-9" #61 waiting for monitor entry\n'
        "\tat com.acme.StockLedger.reserve(StockLedger.java:88)\n"
        "Found one Java-level deadlock:\n"
        '"exec-9": which is held by "exec-2"\n',
        "hung",
        "StockLedger.java:88",
        4,
    ),
    "gunicorn's worker timeout": _Told(
        {"alertname": "RequestTimeouts", "app": "pricing"},
        "[2026-11-20 09:10:12 +0000] [7] [INFO] Booting worker with pid: 9\n"
        "[2026-11-20 09:13:31 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:9)\n"
        "[2026-11-20 09:13:32 +0000] [7] [INFO] Booting worker with pid: 12\n",
        "hung",
        "pricing",
        2,
    ),
    "a Go program's panic": _Told(
        {"alertname": "InstanceDown", "job": "tokenizer"},
        '{"level":"info","ts":1795166700.12,"msg":"listening"}\n'
        "panic: runtime error: invalid memory address or nil pointer dereference\n"
        "goroutine 512 [running]:\n"
        "tokenizer/vocab.(*Table).Lookup(0x0)\n"
        "\t/src/tokenizer/vocab/table.go:93 +0x2e\n",
        "process-died",
        "table.go:93",
        2,
    ),
    "systemd's word about a segfault": _Told(
        {"alertname": "SystemdUnitFailed", "name": "rankerd.service"},
        "Nov 20 09:13:01 rank-2 rankerd[911]: serving\n"
        "Nov 20 09:13:41 rank-2 systemd[1]: rankerd.service: Main process exited, code=killed, "
        "status=11/SEGV\n",
        "process-died",
        "rankerd",
        2,
    ),
    "a misspelt setting of PostgreSQL": _Told(
        {"alertname": "PostgresqlDown", "instance": "db-1:9187"},
        '2026-11-20 09:13:00.019 GMT [1] LOG:  unrecognized configuration parameter "shared_bufers" in file '
        '"/etc/postgresql/postgresql.conf" line 12\n'
        '2026-11-20 09:13:00.019 GMT [1] FATAL:  configuration file "/etc/postgresql/postgresql.conf" '
        "contains errors\n",
        "bad-configuration",
        "shared_bufers",
        1,
    ),
    "a name that Node can't resolve": _Told(
        {"alertname": "WebhooksFailing", "service": "hooks"},
        '{"level":50,"time":1795166020000,"msg":"failed","err":{"message":"getaddrinfo ENOTFOUND '
        'hooks.partner.example"}}\n',
        "dns",
        "hooks.partner.example",
        1,
    ),
    "a column that no migration made": _Told(
        {"alertname": "Http5xx", "service": "accounts"},
        "2026-11-20 09:12:12 ERROR Internal Server Error: /accounts/12\n"
        "psycopg.errors.UndefinedColumn: column accounts_user.locale does not exist\n",
        "schema-mismatch",
        "accounts_user.locale",
        2,
    ),
    "a token from the future": _Told(
        {"alertname": "LoginFailures", "service": "gateway"},
        '{"level":"error","ts":"2026-11-20T09:12:40Z","msg":"rejected","err":"token used before issued"}\n',
        "clock-skew",
        "gateway",
        1,
    ),
    "full collections of a JVM": _Told(
        {"alertname": "LatencyHigh", "service": "matching"},
        "[2026-11-20T09:12:20.120+0000][info][gc] GC(820) Pause Full (G1 Compaction Pause) "
        "2044M->2039M(2048M) 4112.331ms\n"
        "[2026-11-20T09:12:25.920+0000][info][gc] GC(821) Pause Full (G1 Compaction Pause) "
        "2046M->2041M(2048M) 4390.018ms\n",
        "gc-pause",
        "matching",
        2,
    ),
    "df's row of a full disk": _Told(
        {"alertname": "HostOutOfDiskSpace", "instance": "build-3:9100"},
        "Filesystem      Size  Used Avail Use% Mounted on\n"
        "/dev/sda1        40G   12G   28G  31% /\n"
        "/dev/sdb1       100G  100G   16K 100% /var\n",
        "disk-full",
        "/var",
        3,
    ),
    "a Jest test": _Told(
        _PIPELINE,
        _run(
            "npx jest",
            "FAIL src/price.test.js\n"
            "  ● price \u203a applies the discount\n"
            "    expect(received).toBe(expected)\n"
            "      at Object.<anonymous> (src/price.test.js:14:23)",
        ),
        "test-failure",
        "src/price.test.js:14",
        4,
    ),
    "a Go test": _Told(
        _PIPELINE,
        _run("go test ./...", "--- FAIL: TestRefund (0.00s)\n    refund_test.go:33: Refund(10) = 9, want 10"),
        "test-failure",
        "TestRefund",
        3,
    ),
    "a TypeScript type": _Told(
        _PIPELINE,
        _run("npx tsc", "src/user.ts(41,9): error TS2322: Type 'string' is not assignable to type 'number'."),
        "type-error",
        "src/user.ts:41",
        3,
    ),
    "a secret that TruffleHog found": _Told(
        _PIPELINE,
        _run("trufflehog git file://.", "Detector Type: AWS\nCommit: 1f0c7e9a\nFile: scripts/up.sh\nLine: 9"),
        "leaked-secret",
        "scripts/up.sh:9",
        3,
    ),
    "an advisory of npm audit": _Told(
        _PIPELINE,
        _run(
            "npm audit",
            "ip  <=1.1.8\nSeverity: high\n"
            "Wrong categories - https://github.com/advisories/GHSA-78xj-cgh5-2h22\nfix available",
        ),
        "vulnerable-dependency",
        "GHSA-78xj-cgh5-2h22",
        5,
    ),
}

#: nearly the same words, and nothing that went wrong
CALM = {
    "a monitor of deadlocks": "2026-11-20 09:12:40 INFO deadlock monitor started\n2026-11-20 INFO ok\n",
    "a stop that was asked for": "2026-11-20 09:12:01 INFO received SIGTERM\n2026-11-20 INFO exit code 0\n",
    "an exit without a word of why": "Nov 20 09:13:41 h systemd[1]: a.service: Main process exited, "
    "code=exited, status=1/FAILURE\n",
    "an image that is always full": "Filesystem Size Used Avail Use% Mounted on\n"
    "/dev/loop3  64M  64M  0 100% /snap/core20/2264\n",
    "short collections": "[2026-11-20T09:12:20.120+0000][info][gc] GC(1) Pause Young 9.1ms\n" * 3,
    "a crash days ago": "Nov 18 03:11:02 h systemd[1]: a.service: Main process exited, code=killed, "
    "status=11/SEGV\nNov 20 09:13:00 h a[9]: GET / 200\n",
}


@pytest.mark.parametrize("name", TOLD)
def test_the_first_cause_is_the_one_that_the_tool_names(name: str, tmp_path: Path) -> None:
    told = TOLD[name]
    first = _report(tmp_path, told.labels, told.text).causes[0]
    cited = [citation.line for citation in first.citations]
    assert (first.kind, told.entity in f"{first.title} {first.explanation}", told.line in cited) == (
        told.kind,
        True,
        True,
    )


@pytest.mark.parametrize("name", CALM)
def test_words_that_only_sound_like_trouble_are_no_cause(name: str, tmp_path: Path) -> None:
    assert _report(tmp_path, {"alertname": "LatencyHigh", "service": "a"}, CALM[name]).causes == ()


def _report(folder: Path, labels: dict[str, str], text: str) -> Report:
    evidence = folder / "evidence"
    evidence.mkdir()
    (evidence / "saved.txt").write_text(text, encoding="utf-8")
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": {},
        "startsAt": "2026-11-20T09:14:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": "6a16a6d6c939f204",
    }
    payload = {
        "version": "4",
        "status": "firing",
        "receiver": "triage",
        "groupKey": "{}:{}",
        "groupLabels": {},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [alert],
        "truncatedAlerts": 0,
    }
    (folder / "alert.json").write_text(json.dumps(payload), encoding="utf-8")
    return diagnose(folder / "alert.json", Sources(evidence=evidence))[0]
