"""A report says nothing that its evidence does not: names, numbers, causes, and what was ruled out."""

from __future__ import annotations

import json
from pathlib import Path

from triage.by_hand import Sources, diagnose
from triage.report.document import Report
from triage.report.markdown import to_markdown

BEGAN = "2026-01-02T03:04:00Z"
POD = "web-5d9c8f6b54-x2klq"
LABELS = {"namespace": "shop", "pod": POD}
DESCRIBED = f"""\
Name:             {POD}
Namespace:        shop
Status:           Running
Containers:
  web:
    State:          {{state}}
    Ready:          {{ready}}
    Restart Count:  {{restarts}}
    Limits:
      memory:  64Mi
{{more}}"""


def reported(
    folder: Path, files: dict[str, str], alertname: str = "KubePodNotReady", **labels: str
) -> Report:
    alert = {
        "status": "firing",
        "labels": {"alertname": alertname, **(labels or LABELS)},
        "startsAt": BEGAN,
        "fingerprint": "f",
    }
    (folder / "alert.json").write_text(json.dumps({"version": "4", "groupKey": "g", "alerts": [alert]}))
    (folder / "evidence").mkdir()
    for name, text in files.items():
        (folder / "evidence" / name).write_text(text)
    return diagnose(folder / "alert.json", Sources(evidence=folder / "evidence"))[0]


def described(state: str = "Running", ready: bool = True, restarts: int = 0, more: str = "") -> str:
    return DESCRIBED.format(state=state, ready=ready, restarts=restarts, more=more)


def kinds(report: Report) -> list[str]:
    return [cause.kind for cause in report.causes]


def test_that_a_container_was_never_restarted_is_shown_by_the_count_of_its_restarts(tmp_path: Path) -> None:
    report = reported(tmp_path, {"describe.txt": described()})
    ruled_out = next(one for one in report.ruled_out if one.kind == "oom-killed")
    assert [one.quote.split() for one in ruled_out.citations] == [["Restart", "Count:", "0"]]


def test_a_container_whose_restarts_nobody_counted_rules_nothing_out(tmp_path: Path) -> None:
    text = "\n".join(line for line in described().split("\n") if "Restart Count" not in line)
    report = reported(tmp_path, {"describe.txt": text})
    assert "oom-killed" not in [one.kind for one in report.ruled_out]


EVENTS = """\
Events:
  Type     Reason       Age                From     Message
  ----     ------       ----               ----     -------
"""


def test_a_volume_that_was_mounted_in_the_end_is_no_cause(tmp_path: Path) -> None:
    started = "Running\n      Started:      Fri, 02 Jan 2026 03:00:00 +0000"
    slow = '  Warning  FailedMount  20m  kubelet  MountVolume.SetUp failed for volume "code" : timed out\n'
    report = reported(tmp_path, {"describe.txt": described(started, ready=False, more=EVENTS + slow)})
    assert "volume-mount" not in kinds(report)


def test_the_probe_failure_that_came_most_often_is_told_and_all_are_counted(tmp_path: Path) -> None:
    events = (
        EVENTS
        + "  Warning  Unhealthy  2m (x12 over 6m)  kubelet  Liveness probe failed: HTTP probe failed with "
        + "statuscode: 404\n"
        + "  Warning  Unhealthy  3m  kubelet  Liveness probe failed: Get "
        + '"http://10.0.0.1:8080/healthz": context deadline exceeded (Client.Timeout exceeded)\n'
        + "  Normal  Killing  1m (x4 over 6m)  kubelet  Container web failed liveness probe, "
        + "will be restarted\n"
    )
    log = 'INFO:     10.0.0.9:54802 - "GET /healthz HTTP/1.1" 404\n'
    report = reported(
        tmp_path,
        {"describe.txt": described(ready=False, restarts=4, more=events), "web.log": log},
        "KubePodCrashLooping",
    )
    # the kubelet's own requests are no caller's mistake
    assert kinds(report) == ["failing-probe"]
    assert "statuscode: 404" in report.causes[0].title
    assert "failed 13 times" in report.causes[0].explanation


def test_a_container_that_was_killed_for_its_memory_was_not_ended_for_its_probe(tmp_path: Path) -> None:
    state = "Waiting\n      Reason:       CrashLoopBackOff\n    Last State:     Terminated\n"
    state += "      Reason:       OOMKilled\n      Exit Code:    137"
    events = (
        EVENTS
        + "  Warning  Unhealthy  1m (x116 over 6m)  kubelet  Startup probe failed: connection refused\n"
        + "  Normal  Killing  3m  kubelet  Container web failed startup probe, will be restarted\n"
    )
    report = reported(tmp_path, {"describe.txt": described(state, ready=False, restarts=3, more=events)})
    assert kinds(report) == ["oom-killed"]


CLAIMS = """\
NAMESPACE   NAME          STATUS    VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE
crm         attachments   Pending                                      fast-ssd       10m
"""


def test_a_claim_that_does_not_exist_is_not_another_that_is_pending(tmp_path: Path) -> None:
    events = (
        EVENTS + "  Warning  FailedScheduling  5m  default-scheduler  0/1 nodes are available: "
        'persistentvolumeclaim "archive-data" not found. not found\n'
    )
    report = reported(
        tmp_path,
        {"describe.txt": described("Waiting", ready=False, more=events), "pvc.txt": CLAIMS},
    )
    # that no node takes the pod is what the missing claim brings
    assert kinds(report) == ["storage-pending"]
    told = json.dumps(report.causes[0].model_dump())
    assert "archive-data does not exist" in told
    assert "attachments" not in told
    assert "crm" not in told


def test_a_claim_that_the_pod_does_not_mount_is_not_its_trouble(tmp_path: Path) -> None:
    events = EVENTS + '  Warning  Failed  4m (x9 over 9m)  kubelet  Error: configmap "settings" not found\n'
    state = "Waiting\n      Reason:       CreateContainerConfigError"
    others = (
        "LAST SEEN   TYPE      REASON               OBJECT                              MESSAGE\n"
        "23s         Warning   ProvisioningFailed   persistentvolumeclaim/attachments   "
        'storageclass.storage.k8s.io "fast-ssd" not found\n'
    )
    report = reported(
        tmp_path,
        {
            "describe.txt": described(state, ready=False, more="Volumes:          <none>\n" + events),
            "events.txt": others,
        },
    )
    assert kinds(report) == ["missing-config"]


def test_a_key_that_lacks_is_not_a_secret_that_lacks(tmp_path: Path) -> None:
    state = "Waiting\n      Reason:       CreateContainerConfigError"
    events = EVENTS + "  Warning  Failed  4m  kubelet  Error: couldn't find key password in Secret shop/db\n"
    report = reported(tmp_path, {"describe.txt": described(state, ready=False, more=events)})
    told = json.dumps(report.causes[0].model_dump())
    assert "does not exist" not in told
    assert "kubectl -n shop describe secret db" in told
    assert "Add the key to Secret" in told


def test_an_emptydir_is_described_by_its_pod_and_not_as_a_claim(tmp_path: Path) -> None:
    mounts = "    Mounts:\n      /spool from spool (rw)\nVolumes:\n  spool:\n    Type:        EmptyDir\n"
    log = "2026-01-02T03:03:00Z ERROR cannot write /spool/1: [Errno 28] No space left on device\n"
    report = reported(tmp_path, {"describe.txt": described(more=mounts), "web.log": log})
    commands = [remedy.command or "" for remedy in report.causes[0].remediation]
    assert report.causes[0].kind == "volume-full"
    assert not any("persistentvolumeclaim" in one for one in commands)


def test_a_mounted_claim_is_described_by_its_own_name(tmp_path: Path) -> None:
    mounts = (
        "    Mounts:\n      /spool from spool (rw)\nVolumes:\n"
        "  spool:\n    Type:       PersistentVolumeClaim (a reference)\n    ClaimName:  spool-data\n"
    )
    log = "2026-01-02T03:03:00Z ERROR cannot write /spool/1: [Errno 28] No space left on device\n"
    report = reported(tmp_path, {"describe.txt": described(more=mounts), "web.log": log})
    commands = [remedy.command or "" for remedy in report.causes[0].remediation]
    assert "kubectl -n shop describe persistentvolumeclaim spool-data" in commands


def test_what_can_not_be_pulled_is_not_sought_where_it_can_not_be(tmp_path: Path) -> None:
    state = "Waiting\n      Reason:       ErrImageNeverPull"
    events = (
        EVENTS
        + '  Warning  ErrImageNeverPull  25s  kubelet  Container image "shop/web:1" is not present with '
        "pull policy of Never\n"
    )
    report = reported(tmp_path, {"describe.txt": described(state, ready=False, more=events)})
    told = json.dumps(report.causes[0].model_dump())
    assert "imagePullSecrets" not in told
    assert "git log" not in told


APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: wishlist
  namespace: argocd
status:
  conditions:
  - lastTransitionTime: "2026-01-02T03:03:00Z"
    message: 'Failed to load target state: failed to generate manifest for source
      1 of 1: rpc error: code = Unavailable desc = dns: A record lookup error: lookup
      argocd-repo-server on 10.43.0.10:53: dial udp 10.43.0.10:53: i/o timeout'
    type: ComparisonError
  health:
    status: Healthy
  resources:
  - kind: Deployment
    name: wishlist
    health:
      status: Healthy
  sync:
    status: Unknown
"""


def test_an_error_of_a_connection_is_not_mended_in_git(tmp_path: Path) -> None:
    report = reported(
        tmp_path, {"application.yaml": APPLICATION}, "ApplicationNotSynced", application="wishlist"
    )
    assert report.causes[0].kind == "sync-failed"
    assert "dependency" not in kinds(report)
    assert not any("git log" in (remedy.command or "") for remedy in report.causes[0].remediation)


def test_an_application_is_called_healthy_by_the_line_that_says_so(tmp_path: Path) -> None:
    report = reported(
        tmp_path, {"application.yaml": APPLICATION}, "ApplicationNotSynced", application="wishlist"
    )
    well = next(one for one in report.ruled_out if one.kind == "application-degraded")
    assert [(one.line, one.quote.strip()) for one in well.citations] == [(14, "status: Healthy")]


def test_a_version_of_a_single_sample_did_not_serve_since_the_epoch(tmp_path: Path) -> None:
    metrics = (
        "# TYPE homeostat_model_info gauge\n"
        'homeostat_model_info{bento_digest="e",model="iris",model_sha256="a",source_commit="0",version="1"}'
        " 1.0\n"
    )
    samples = [[1767323000 + 5 * at, str(0.01 if at < 8 else 0.9)] for at in range(16)]
    series = {"metric": {"__name__": "latency", "model": "iris"}, "values": samples}
    answer = {"status": "success", "data": {"resultType": "matrix", "result": [series]}}
    report = reported(
        tmp_path,
        {"metrics.txt": metrics, "up.json": json.dumps(answer)},
        "ModelEndpointDown",
        model="iris",
    )
    assert not any("had been serving" in one.reason for one in report.ruled_out)


def test_a_syslog_line_is_its_programs_and_not_its_hosts(tmp_path: Path) -> None:
    log = (
        "Jan  2 03:03:00 node-1 indexer[24919]: Traceback (most recent call last):\n"
        "Jan  2 03:03:00 node-1 indexer[24919]: MemoryError: Unable to allocate 117. MiB for an array\n"
    )
    report = reported(tmp_path, {"build.log": log}, "UnitFailed", host="node-1")
    assert report.causes[0].kind == "out-of-memory"
    assert "indexer" in report.causes[0].title
    assert "node-1" not in report.causes[0].title.split(":")[1]


def test_no_command_bears_a_word_that_stands_for_a_service(tmp_path: Path) -> None:
    log = "2026-01-02T03:03:00Z ERROR OSError: [Errno 24] Too many open files: '/srv/a'\n"
    report = reported(tmp_path, {"a.log": log}, "UnitFailed", host="node-1")
    commands = [remedy.command or "" for cause in report.causes for remedy in cause.remediation]
    assert report.causes
    assert not any("SERVICE" in one for one in commands)


def test_the_summary_is_told_once_and_a_command_is_one_step(tmp_path: Path) -> None:
    state = "Waiting\n      Reason:       CreateContainerConfigError"
    events = EVENTS + "  Warning  Failed  4m  kubelet  Error: couldn't find key password in Secret shop/db\n"
    report = reported(tmp_path, {"describe.txt": described(state, ready=False, more=events)})
    above = to_markdown(report, None).split("## Root causes")[0]
    assert above.count("is missing from") == 1
    commands = [step.command for step in report.next_steps if step.command]
    assert len(commands) == len(set(commands))


def test_a_container_that_does_not_run_is_not_entered(tmp_path: Path) -> None:
    state = "Waiting\n      Reason:       CrashLoopBackOff"
    log = "attempt 1/5: orders-db:5432: [Errno -3] Temporary failure in name resolution\n"
    report = reported(tmp_path, {"describe.txt": described(state, ready=False, restarts=4), "web.log": log})
    assert report.causes[0].title.endswith("can't resolve the name 'orders-db'")
    commands = [remedy.command or "" for remedy in report.causes[0].remediation]
    assert not any(" exec " in one or "HOST" in one for one in commands)


def test_the_name_that_is_not_found_is_told_by_the_only_address_that_is_configured(tmp_path: Path) -> None:
    deployment = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n"
        "  template:\n    spec:\n      containers:\n      - env:\n        - name: PRICES_URL\n"
        "          value: http://prcing.shop.svc:8080/prices\n        name: web\n"
    )
    log = "2026-01-02T03:03:00Z ERROR URLError: <urlopen error [Errno -2] Name or service not known>\n"
    report = reported(tmp_path, {"deployment.yaml": deployment, "web.log": log}, namespace="shop")
    assert "prcing.shop.svc" in report.causes[0].title


def test_where_a_log_says_how_a_service_fails_the_title_says_so(tmp_path: Path) -> None:
    metrics = (
        'http_requests_total{code="200",handler="/quote"} 100\n'
        'http_requests_total{code="500",handler="/quote"} 60\n'
    )
    log = (
        '{"ts": "2026-01-02T03:03:00Z", "level": "error", "msg": "unhandled exception", '
        '"error": "KeyError: \'price\'"}\n'
    )
    report = reported(
        tmp_path, {"metrics.txt": metrics, "quotes.log": log}, "HighErrorRate", service="quotes"
    )
    failing = next(one for one in report.causes if one.kind == "server-errors")
    assert "KeyError: 'price'" in failing.title
    assert "model" not in failing.title


def test_a_command_checks_what_the_run_checked_or_nothing(tmp_path: Path) -> None:
    error = "Error: accumulating resources: accumulation err='accumulating resources from 'config.yaml': "
    error += "lstat config.yaml: no such file or directory"

    def run(folder: str, command: str) -> list[str]:
        (tmp_path / folder).mkdir()
        log = f"##[group]Run {command}\n{command}\n##[endgroup]\n{error}\n##[error]Process completed with "
        report = reported(
            tmp_path / folder, {"run.txt": f"{log}exit code 1.\n"}, "PipelineFailed", workflow="ci"
        )
        return [remedy.command or "" for remedy in report.causes[0].remediation]

    assert "kustomize build apps/ocr" in run("one", "kustomize build apps/ocr")
    assert not any(
        "kustomize" in one for one in run("many", 'for d in apps/*; do kustomize build "$d"; done')
    )


def test_a_title_does_not_cut_a_name_in_two(tmp_path: Path) -> None:
    names = " ".join(f"/srv/application/configuration-{at}.yaml" for at in range(9))
    log = f"2026-01-02T03:03:00Z ERROR failed to parse configuration: {names}\n"
    state = "Waiting\n      Reason:       CrashLoopBackOff"
    report = reported(tmp_path, {"describe.txt": described(state, ready=False, restarts=4), "web.log": log})
    assert report.causes[0].title.endswith(".yaml ...")


def test_the_numbers_of_a_drift_are_those_of_the_lines_that_say_them(tmp_path: Path) -> None:
    days = "day,n,accuracy\n" + "".join(
        f"2025-12-{at:02d},1200,{0.83 - 0.003 * at:.4f}\n" for at in range(1, 32)
    )
    windows = (
        "baseline  accuracy then  accuracy now  loss\n--------  -------------  ------------  ------\n"
        "7d        0.768          0.751         +0.017\n14d       0.789          0.751         +0.038\n"
        "30d       0.827          0.751         +0.076\n"
    )
    report = reported(
        tmp_path, {"by-day.csv": days, "windows.txt": windows}, "ModelDrift", model="iris", version="3"
    )
    told = f"{report.causes[0].title} {report.causes[0].explanation}"
    assert "0.827" in told
    assert "0.751" in told
    assert " within " not in told


def test_what_could_not_be_compared_was_not_a_sync_that_failed(tmp_path: Path) -> None:
    report = reported(
        tmp_path, {"application.yaml": APPLICATION}, "ApplicationNotSynced", application="wishlist"
    )
    assert "could not render or compare it" in report.causes[0].explanation
    assert "the sync failed" not in report.causes[0].explanation
