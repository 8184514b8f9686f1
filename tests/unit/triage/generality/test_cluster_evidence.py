"""Evidence of clusters in forms that no recorded scenario holds; every text here is constructed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from triage.by_hand import Sources, diagnose
from triage.report.document import Report

EVENTS = "LAST SEEN   TYPE      REASON                   OBJECT                  MESSAGE\n"
DESCRIBED_EVENTS = """Events:
  Type     Reason     Age               From     Message
  ----     ------     ----              ----     -------
"""


@dataclass(frozen=True)
class Saved:
    """An alert's labels and one file of evidence, and what has to be found in it."""

    kind: str
    #: what the title or the explanation names
    entity: str
    #: a part of the line that proves it
    proof: str
    labels: Mapping[str, str]
    text: str


def described(name: str, state: str, events: str = "", above: str = "Containers:") -> str:
    """What ``kubectl describe pod`` prints of a pod with one container."""
    head = f"Name:         {name}\nNamespace:    shop\nNode:         w1/10.0.0.1\nStatus:       Running\n"
    return f"{head}{above}\n  web:\n    Image:          web:1\n{state}" + (
        DESCRIBED_EVENTS + events if events else ""
    )


RUNS = "    State:          Running\n      Started:      Wed, 05 Mar 2025 10:00:00 +0000\n"
CREATING = "    State:          Waiting\n      Reason:       ContainerCreating\n    Ready:          False\n"

FOUND = {
    "events-alone-tell-of-a-grpc-probe": Saved(
        "failing-probe",
        'responded with "NOT_SERVING"',
        "Liveness probe failed",
        {"alertname": "KubePodCrashLooping", "pod": "web-0"},
        f"{EVENTS}"
        "70s         Warning   Unhealthy                pod/web-0               Liveness probe failed: "
        'service unhealthy (responded with "NOT_SERVING")\n'
        "60s         Normal    Killing                  pod/web-0               Container web failed "
        "liveness probe, will be restarted\n",
    ),
    "no-address-is-left-for-the-sandbox": Saved(
        "pod-sandbox",
        "no IP addresses available",
        "FailedCreatePodSandBox",
        {"alertname": "KubePodNotReady", "pod": "web-0"},
        described(
            "web-0",
            CREATING,
            "  Warning  FailedCreatePodSandBox  1s (x19 over 4m)  kubelet  Failed to create pod "
            "sandbox: rpc error: "
            'code = Unknown desc = failed to setup network for sandbox "7": plugin type="host-local" '
            "failed (add): "
            "no IP addresses available in range set: 10.244.3.1-10.244.3.254\n",
        ),
    ),
    "a-post-start-hook-fails": Saved(
        "lifecycle-hook",
        "/opt/register.sh",
        "PostStartHook failed",
        {"alertname": "KubePodCrashLooping", "pod": "web-0"},
        described(
            "web-0",
            "    State:          Waiting\n      Reason:       CrashLoopBackOff\n    Restart Count:  4\n",
            "  Warning  FailedPostStartHook  40s (x4 over 3m)  kubelet  PostStartHook failed: Exec "
            "lifecycle hook "
            '([/bin/sh -c /opt/register.sh]) for Container "web" failed - error: exited with 7\n',
        ),
    ),
    "an-init-container-waits-for-ever": Saved(
        "init-failed",
        "kafka.msg.svc:9092",
        "waiting for kafka.msg.svc",
        {"alertname": "KubePodNotReady", "pod": "web-0"},
        described(
            "web-0", f"{RUNS}    Ready:          False\n    Restart Count:  0\n", above="Init Containers:"
        )
        + "\n$ kubectl logs web-0 -c web\n"
        + "waiting for kafka.msg.svc:9092\n" * 3,
    ),
    "an-autoscaler-has-no-metrics": Saved(
        "autoscaler",
        "missing request for cpu in container cart",
        "FailedGetResourceMetric",
        {"alertname": "KubeHpaReplicasMismatch", "horizontalpodautoscaler": "cart"},
        "Name:              cart\nNamespace:         shop\nReference:         Deployment/cart\n"
        "Min replicas:      2\nMax replicas:      10\nConditions:\n"
        "  Type           Status  Reason                   Message\n"
        "  ----           ------  ------                   -------\n"
        "  ScalingActive  False   FailedGetResourceMetric  the HPA was unable to compute the replica "
        "count: "
        "missing request for cpu in container cart of Pod cart-1\n",
    ),
    "a-certificate-is-described": Saved(
        "certificate",
        "shop-tls",
        'order is in "invalid" state',
        {"alertname": "CertManagerCertNotReady", "name": "shop-tls"},
        "Name:         shop-tls\nNamespace:    shop\nAPI Version:  cert-manager.io/v1\nKind:         "
        "Certificate\n"
        "Status:\n  Conditions:\n    Last Transition Time:  2025-03-05T10:00:00Z\n"
        "    Message:               Issuing certificate as Secret does not exist\n"
        "    Reason:                DoesNotExist\n    Status:                False\n"
        "    Type:                  Ready\n"
        f"{DESCRIBED_EVENTS}"
        "  Warning  Failed     9m                cert-manager-certificates-issuing  The certificate "
        "request has "
        'failed to complete: Failed to wait for order resource "shop-tls-1": order is in "invalid" state\n',
    ),
    "an-application-is-described": Saved(
        "sync-failed",
        "Job db-migrate",
        "one or more synchronization tasks",
        {"alertname": "ArgoAppOutOfSync", "name": "orders"},
        "Name:         orders\nNamespace:    argocd\nAPI Version:  argoproj.io/v1alpha1\nKind:         "
        "Application\n"
        "Status:\n  Health:\n    Status:  Degraded\n  Operation State:\n    Finished At:  "
        "2025-03-05T10:00:40Z\n"
        "    Message:      one or more synchronization tasks completed unsuccessfully, reason: Job "
        "db-migrate: "
        "Job has reached the specified backoff limit\n    Phase:        Failed\n"
        "  Sync:\n    Revision:  9a8b7c6d\n    Status:    OutOfSync\n",
    ),
    "an-operators-table": Saved(
        "cluster-warning",
        "podinfo",
        "Helm upgrade failed",
        {"alertname": "FluxReconciliationFailure", "name": "podinfo"},
        "NAME      AGE   READY   STATUS\n"
        "podinfo   12d   False   Helm upgrade failed for release apps/podinfo: cannot patch Service\n",
    ),
    "a-disruption-budget-blocks-the-drain": Saved(
        "disruption-budget",
        "pg-pdb",
        "disruption budget",
        {"alertname": "KubeNodeDrainStuck", "node": "w4"},
        "$ kubectl drain w4\n"
        'error when evicting pods/"pg-1" -n "db" (will retry after 5s): Cannot evict pod as it would '
        "violate the "
        "pod's disruption budget.\n$ kubectl get pdb -n db\n"
        "NAME     MIN AVAILABLE   MAX UNAVAILABLE   ALLOWED DISRUPTIONS   AGE\n"
        "pg-pdb   2               N/A               0                     90d\n",
    ),
    "the-disk-of-etcd-is-slow": Saved(
        "etcd",
        "slow fdatasync",
        "slow fdatasync",
        {"alertname": "etcdHighFsyncDurations", "job": "etcd"},
        '{"level":"warn","ts":"2025-03-05T10:00:07.1Z","caller":"wal/wal.go:805","msg":"slow fdatasync",'
        '"took":"4.211s"}\n'
        '{"level":"warn","ts":"2025-03-05T10:00:18.1Z","caller":"wal/wal.go:805","msg":"slow fdatasync",'
        '"took":"3.9s"}\n',
    ),
    "a-store-refuses-to-serve": Saved(
        "dependency",
        "Redis",
        "MISCONF",
        {"alertname": "KubePodCrashLooping", "pod": "web-0"},
        "2025-03-05T10:00:00Z INFO ready\n"
        "2025-03-05T10:00:05Z ERROR MISCONF Redis is configured to save RDB snapshots, but it's "
        "currently unable "
        "to persist to disk\n",
    ),
    "the-last-words-of-a-job": Saved(
        "job-failed",
        "invoices.csv",
        "ERROR row 4411",
        {"alertname": "KubeJobFailed", "job_name": "import"},
        "Name:             import\nNamespace:        batch\nParallelism:      1\nCompletions:      1\n"
        "Pods Statuses:    0 Active (0 Ready) / 0 Succeeded / 7 Failed\n"
        f"{DESCRIBED_EVENTS}"
        "  Warning  BackoffLimitExceeded  5m  job-controller  Job has reached the specified backoff limit\n"
        "\n$ kubectl logs import-abcde\n2025-03-05T10:00:00Z INFO reading\n"
        "2025-03-05T10:00:01Z ERROR row 4411 of invoices.csv: expected 12 columns, found 9\n",
    ),
}

NOTHING = {
    "the-sandbox-came-in-the-end": described(
        "web-0",
        f"{RUNS}    Ready:          True\n    Restart Count:  0\nConditions:\n  Type              Status\n"
        "  Ready             True\n",
        "  Warning  FailedCreatePodSandBox  12m  kubelet  Failed to create pod sandbox: plugin failed\n"
        "  Normal   Started                 10m  kubelet  Started container web\n",
    ),
    "a-probe-failed-while-it-started": described(
        "web-0",
        f"{RUNS}    Ready:          True\n    Restart Count:  0\nConditions:\n  Type              Status\n"
        "  Ready             True\n",
        "  Warning  Unhealthy  9m  kubelet  Startup probe failed: connect: connection refused\n",
    ),
    "an-autoscaler-at-its-minimum": "Name:              cart\nNamespace:         shop\n"
    "Min replicas:      2\nMax replicas:      10\nConditions:\n"
    "  Type            Status  Reason            Message\n"
    "  ----            ------  ------            -------\n"
    "  AbleToScale     True    ReadyForNewScale  recommended size matches current size\n"
    "  ScalingLimited  True    TooFewReplicas    the desired replica count is less than the minimum\n",
}


def diagnosed(folder: Path, labels: Mapping[str, str], text: str) -> Report:
    """The report on one file of evidence."""
    evidence = folder / "evidence"
    evidence.mkdir()
    (evidence / "saved.txt").write_text(text, encoding="utf-8")
    alert = {
        "status": "firing",
        "labels": {"namespace": "shop", "severity": "warning", **labels},
        "annotations": {"summary": "it fires"},
        "startsAt": "2025-03-05T10:00:30Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": "0a1b2c3d4e5f6071",
    }
    payload = {"version": "4", "groupKey": "{}", "status": "firing", "receiver": "triage", "alerts": [alert]}
    file = folder / "alert.json"
    file.write_text(json.dumps(payload), encoding="utf-8")
    return diagnose(file, Sources(evidence=evidence))[0]


@pytest.mark.parametrize("name", FOUND)
def test_the_first_cause_names_what_it_is_and_cites_the_line(tmp_path: Path, name: str) -> None:
    saved = FOUND[name]
    report = diagnosed(tmp_path, saved.labels, saved.text)
    assert [cause.kind for cause in report.causes][:1] == [saved.kind]
    first = report.causes[0]
    assert saved.entity in f"{first.title} {first.explanation}"
    lines = saved.text.split("\n")
    assert any(saved.proof in lines[citation.line - 1] for citation in first.citations)


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_over_or_normal_has_no_cause(tmp_path: Path, name: str) -> None:
    labels = {"alertname": "KubePodNotReady", "pod": "web-0"}
    assert diagnosed(tmp_path, labels, NOTHING[name]).causes == ()
