"""Alerts about a cluster, diagnosed from a real API server by triage's own service account."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.triage.cluster import NAMESPACE, Cluster, ago, alert, ended, status_of
from triage.evidence.item import EvidenceStatus

pytestmark = [pytest.mark.go, pytest.mark.timeout(1500)]


def about(name: str, alertname: str = "PodCrashLooping", **labels: str) -> Any:
    return alert(alertname, namespace=NAMESPACE, pod=name, container="web", **labels)


def test_a_memory_kill_is_named_with_its_pod_limit_and_time(cluster: Cluster) -> None:
    name = "fraud-scoring-predictor-7d9c8f6b54-x2klq"
    killed = {"restartCount": 3, "state": {"running": {"startedAt": ago(seconds=20)}}}
    cluster.pod(name, status_of({**killed, "lastState": ended("OOMKilled", 137)}, ready=True))
    seen = cluster.diagnose(about(name, "ContainerOomKilled"))
    cause = seen.analysis.causes[0]
    assert cause.kind == "oom-killed"
    assert (
        cause.title == f"Container web of {name} was OOMKilled: it used more than its memory limit of 128Mi"
    )
    assert cause.confidence == 0.95
    assert "its memory limit of 128Mi" in cause.explanation
    assert "restarted 3 times" in cause.explanation
    assert any("OOMKilled, exit code 137" in citation.quote for citation in cause.citations)


def test_a_memory_kill_is_found_behind_any_other_alert_about_the_pod(cluster: Cluster) -> None:
    state = {"restartCount": 1, "state": {"running": {}}, "lastState": ended("OOMKilled", 137)}
    labels = {"homeostat.dev/model": "fraud_scoring"}
    cluster.pod("fraud-scoring-predictor-0", status_of(state, ready=True), labels=labels)
    seen = cluster.diagnose(alert("ModelErrorRateHigh", model="fraud_scoring"))
    assert seen.kinds[0] == "oom-killed"


def test_a_kill_that_the_container_survived_is_told_by_the_counter(cluster: Cluster) -> None:
    cluster.pod("survivor", status_of({"state": {"running": {"startedAt": ago(hours=1)}}}, ready=True))
    cause = cluster.diagnose(about("survivor", "ContainerOomKilled")).analysis.causes[0]
    assert cause.kind == "oom-killed"
    assert "not its main process" in cause.explanation
    assert cause.citations[0].evidence == "alert"


def test_exit_code_137_alone_is_only_a_guess(cluster: Cluster) -> None:
    state = {"restartCount": 1, "state": {"running": {}}, "lastState": ended("Error", 137)}
    cluster.pod("killed-by-somebody", status_of(state, ready=True))
    seen = cluster.diagnose(about("killed-by-somebody"))
    assert seen.kinds == []
    assert "SIGKILL" in seen.analysis.hypotheses[0].title
    cluster.event("killed-by-somebody", "Unhealthy", "Liveness probe failed: timeout")
    assert cluster.diagnose(about("killed-by-somebody")).analysis.hypotheses == ()


def test_a_kill_of_long_ago_is_only_a_guess(cluster: Cluster) -> None:
    state = {"restartCount": 1, "state": {"running": {}}, "lastState": ended("OOMKilled", 137, 9_000)}
    cluster.pod("killed-long-ago", status_of(state, ready=True))
    seen = cluster.diagnose(about("killed-long-ago", "PodNotReady"))
    assert seen.kinds == []
    assert "OOMKilled" in seen.analysis.hypotheses[0].title


@pytest.mark.parametrize("name", ["stopped-with-its-node", "stopped-long-ago"])
def test_a_container_that_was_stopped_with_its_node_was_not_killed_for_its_memory(
    cluster: Cluster, name: str
) -> None:
    age = 60 if name == "stopped-with-its-node" else 9_000
    state = {"restartCount": 3, "state": {"running": {}}, "lastState": ended("Error", 137, age)}
    cluster.pod(name, status_of(state, ready=True))
    if age == 60:
        cluster.event(name, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
    assert "oom-killed" not in cluster.diagnose(about(name, "PodNotReady")).kinds


def test_a_crash_loop_without_a_word_of_why_is_only_a_guess_and_told_with_its_exit_code(
    cluster: Cluster,
) -> None:
    waiting = {
        "waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
    }
    state = {"restartCount": 7, "state": waiting, "lastState": ended("Error", 1)}
    cluster.pod("loops", status_of(state))
    seen = cluster.diagnose(about("loops"))
    assert seen.kinds == []
    (guess,) = seen.analysis.hypotheses
    assert "exit code 1 after 30 s" in guess.explanation
    assert "restarted 7 times" in guess.explanation


def test_an_image_that_cannot_be_pulled_is_named_with_the_reason(cluster: Cluster) -> None:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}
    cluster.pod("no-image", status_of({"state": waiting}, phase="Pending"))
    cluster.event("no-image", "Failed", "Failed to pull image: manifest unknown: not found", count=4)
    cause = cluster.diagnose(about("no-image", "PodNotReady")).analysis.causes[0]
    assert cause.kind == "image-pull"
    assert any("manifest unknown" in citation.quote for citation in cause.citations)
    assert any("4 times" in citation.quote for citation in cause.citations)


def test_a_missing_secret_is_named(cluster: Cluster) -> None:
    waiting = {"reason": "CreateContainerConfigError", "message": 'secret "redis-auth" not found'}
    cluster.pod("no-secret", status_of({"state": {"waiting": waiting}}, phase="Pending"))
    cause = cluster.diagnose(about("no-secret", "PodNotReady")).analysis.causes[0]
    assert cause.kind == "missing-secret"
    assert cause.title == "Secret 'redis-auth' is missing: pod no-secret can't start"


def test_a_pod_that_no_node_takes_is_named(cluster: Cluster) -> None:
    why = "0/1 nodes are available: 1 Insufficient memory."
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}
    cluster.pod("homeless", {"phase": "Pending", "conditions": [condition]})
    cause = cluster.diagnose(about("homeless", "PodNotReady")).analysis.causes[0]
    assert cause.kind == "unschedulable"
    assert "Insufficient memory" in cause.title


def test_a_failing_probe_is_named_with_its_answer(cluster: Cluster) -> None:
    cluster.pod("unwell", status_of({"state": {"running": {"startedAt": ago(minutes=9)}}}))
    message = "Readiness probe failed: HTTP probe failed with statuscode: 503"
    cluster.event("unwell", "Unhealthy", message, count=40)
    cause = cluster.diagnose(about("unwell", "PodNotReady")).analysis.causes[0]
    assert cause.kind == "failing-probe"
    assert "statuscode: 503" in cause.title
    assert "failed 40 times" in cause.explanation


def test_a_restart_by_the_liveness_probe_is_no_crash(cluster: Cluster) -> None:
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    cluster.pod("stuck", status_of({"restartCount": 4, "state": waiting, "lastState": ended("Error", 137)}))
    cluster.event("stuck", "Unhealthy", "Liveness probe failed: ", count=5)
    cluster.event("stuck", "Killing", "Container web failed liveness probe, will be restarted", type="Normal")
    seen = cluster.diagnose(about("stuck"))
    assert seen.kinds == ["failing-probe"]
    assert seen.analysis.causes[0].title == "Failing probe: container web of stuck: Liveness probe failed"


def test_a_command_that_is_not_there_is_no_crash_either(cluster: Cluster) -> None:
    why = 'failed to create shim task: unable to start container process: exec: "/app": no such file'
    never = {"reason": "StartError", "exitCode": 128, "message": why}
    times = {"startedAt": "1970-01-01T00:00:00Z", "finishedAt": ago(seconds=9)}
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    state = {"restartCount": 3, "state": waiting, "lastState": {"terminated": {**never, **times}}}
    cluster.pod("no-command", status_of(state))
    seen = cluster.diagnose(about("no-command"))
    assert seen.kinds == ["bad-configuration"]
    assert seen.analysis.causes[0].title.endswith('can\'t be started: exec: "/app": no such file')
    assert "1970" not in seen.text("pod.no-command")


def test_a_rollout_that_hangs_is_told_from_the_version_that_still_serves(cluster: Cluster) -> None:
    model_in_rollout(cluster, "churn", overdue=True)
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "not found"}}
    labels = {"homeostat.dev/model": "churn"}
    cluster.pod("churn-predictor-2-aaaaa", status_of({"state": waiting}, phase="Pending"), labels=labels)
    cluster.pod("churn-predictor-1-bbbbb", status_of({"state": {"running": {}}}, ready=True), labels=labels)
    seen = cluster.diagnose(alert("ModelErrorRateHigh", model="churn"))
    assert seen.kinds[:2] == ["image-pull", "rollout-hangs"]
    cause = seen.analysis.causes[1]
    assert cause.title == "The rollout of churn-predictor to revision 2 hangs"
    assert "Revision 1 still serves: 1 ready." in cause.explanation
    # KServe goes on to call it ready, so its word alone must not end the search
    assert "condition Ready is True" in seen.text("inferenceservice.churn")


def test_a_rollout_that_is_on_its_way_is_no_cause(cluster: Cluster) -> None:
    model_in_rollout(cluster, "quick", overdue=False)
    assert "rollout-hangs" not in cluster.diagnose(alert("ModelErrorRateHigh", model="quick")).kinds


def model_in_rollout(cluster: Cluster, name: str, *, overdue: bool) -> None:
    """What KServe and the Deployment's controller leave behind when revision 2 does not become ready."""
    labels = {"homeostat.dev/model": name, "app": f"isvc.{name}-predictor"}
    image = {"name": "kserve-container", "image": f"homeostat/{name}@sha256:{'b2' * 32}"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [image]}}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": f"isvc.{name}-predictor"}},
        "template": template,
    }
    progressing = {
        "type": "Progressing",
        "status": "False" if overdue else "True",
        "reason": "ProgressDeadlineExceeded" if overdue else "ReplicaSetUpdated",
        "message": f'ReplicaSet "{name}-predictor-2" has timed out progressing.' if overdue else "",
    }
    deployment = cluster.make(
        f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": f"{name}-predictor",
                "labels": labels,
                "annotations": {"argocd.argoproj.io/tracking-id": f"models-{name}:apps/Deployment:models/x"},
            },
            "spec": spec,
            "status": {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 1, "conditions": [progressing]},
        },
    )
    for revision, ready in ((1, 1), (2, 0)):
        owner = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": f"{name}-predictor",
            "uid": deployment["metadata"]["uid"],
            "controller": True,
        }
        cluster.make(
            f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets",
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{name}-predictor-{revision}",
                    "labels": labels,
                    "annotations": {"deployment.kubernetes.io/revision": str(revision)},
                    "ownerReferences": [owner],
                },
                "spec": spec,
                "status": {"replicas": 1, "readyReplicas": ready},
            },
        )
    cluster.make(
        f"/apis/serving.kserve.io/v1beta1/namespaces/{NAMESPACE}/inferenceservices",
        {
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": {"name": name, "annotations": {"homeostat.dev/version": "2"}},
            "spec": {},
            "status": {"conditions": [{"type": "Ready", "status": "True"}], "url": f"http://{name}"},
        },
    )


SYNC_ERROR = (
    "one or more objects failed to apply, reason: error when patching: Deployment.apps is invalid: "
    "spec.selector: field is immutable; second error (retried 5 times)."
)


def test_a_failed_sync_is_named_by_its_first_error(cluster: Cluster) -> None:
    refused = {"kind": "Deployment", "name": "redis", "status": "SyncFailed", "message": "field is immutable"}
    cluster.application(
        "redis",
        {
            "sync": {"status": "OutOfSync", "revision": "c" * 40},
            "health": {"status": "Healthy"},
            "operationState": {
                "phase": "Failed",
                "message": SYNC_ERROR,
                "startedAt": ago(minutes=4),
                "finishedAt": ago(minutes=3),
                "syncResult": {"revision": "c" * 40, "resources": [refused]},
            },
            "history": [{"revision": "b" * 40, "deployedAt": ago(hours=5)}],
        },
    )
    seen = cluster.diagnose(alert("ApplicationSyncFailed", application="redis"))
    cause = seen.analysis.causes[0]
    assert cause.title == "Argo CD could not sync redis: Deployment redis: field is immutable"
    assert "bbbbbbbbbbbb, stays" in cause.explanation
    assert "Application redis: sync OutOfSync" in seen.text("application.redis")


def test_a_degraded_application_names_the_object_and_why_its_pod_is_unwell(cluster: Cluster) -> None:
    resources = [
        {"kind": "Deployment", "group": "apps", "namespace": NAMESPACE, "name": "ghost-predictor"}
        | {"status": "Synced", "health": {"status": "Degraded", "message": "exceeded its progress deadline"}},
        {"kind": "Service", "namespace": NAMESPACE, "name": "ghost", "status": "Synced"},
    ]
    model_in_rollout(cluster, "ghost", overdue=True)
    status = {"sync": {"status": "Synced"}, "health": {"status": "Degraded"}, "resources": resources}
    cluster.application("models-ghost", status)
    seen = cluster.diagnose(alert("ApplicationDegraded", application="models-ghost"))
    assert seen.kinds == ["rollout-hangs", "application-degraded"]
    assert seen.analysis.causes[1].title == "models-ghost is Degraded by Deployment ghost-predictor"


def test_the_application_of_a_model_is_found_by_what_tracks_it(cluster: Cluster) -> None:
    model_in_rollout(cluster, "tracked", overdue=True)
    cluster.application("models-tracked", {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}})
    seen = cluster.diagnose(alert("ModelErrorRateHigh", model="tracked"))
    assert seen.item("application.models-tracked").status is EvidenceStatus.OK


def test_a_target_whose_pods_are_ready_is_a_guess_at_the_way_to_it(cluster: Cluster) -> None:
    labels = {"app.kubernetes.io/name": "redis"}
    cluster.pod("redis-0", status_of({"state": {"running": {}}}, ready=True), labels=labels)
    seen = cluster.diagnose(alert("TargetDown", namespace=NAMESPACE, service="redis"))
    assert seen.kinds == []
    assert "network policy" in seen.analysis.hypotheses[0].explanation


def test_a_healthy_pod_gives_no_cause_and_rules_the_memory_kill_out(cluster: Cluster) -> None:
    cluster.pod("well", status_of({"state": {"running": {"startedAt": ago(hours=3)}}}, ready=True))
    seen = cluster.diagnose(about("well", "PodNotReady"))
    assert seen.kinds == []
    assert "oom-killed" in [out.kind for out in seen.analysis.ruled_out]


def test_a_pod_that_is_gone_is_missing_and_not_healthy(cluster: Cluster) -> None:
    seen = cluster.diagnose(about("gone"))
    assert seen.kinds == []
    assert seen.item("pods").status is EvidenceStatus.EMPTY
    assert "there is no gone" in seen.item("pods").note
    assert seen.analysis.ruled_out == ()


def test_what_triage_may_not_read_is_told_as_forbidden(cluster: Cluster) -> None:
    cluster.pod("hidden", status_of({"state": {"running": {}}}, ready=True))
    cluster.make(
        f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts",
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "nobody"}},
    )
    seen = cluster.diagnose(about("hidden"), token=cluster.token("nobody", NAMESPACE))
    assert seen.item("pods").status is EvidenceStatus.FORBIDDEN
    assert seen.item("events").status is EvidenceStatus.FORBIDDEN
    assert seen.kinds == []


def test_events_are_told_once_and_the_newest_first(cluster: Cluster) -> None:
    cluster.pod("noisy", status_of({"state": {"running": {}}}, ready=True))
    for minutes in (5, 3):
        cluster.event("noisy", "BackOff", "Back-off restarting", count=2, lastTimestamp=ago(minutes=minutes))
    cluster.event("noisy", "Pulled", "Image present", type="Normal", lastTimestamp=ago(minutes=4))
    cluster.event("another", "BackOff", "not about this pod")
    lines = cluster.diagnose(about("noisy")).item("events").lines
    assert [line.text.split(" ")[3] for line in lines] == ["BackOff", "Pulled"]
    assert "4 times" in lines[0].text


def test_the_times_of_the_evidence_are_those_of_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    finished = datetime.now(UTC).replace(microsecond=0)
    stamp = finished.strftime("%Y-%m-%dT%H:%M:%SZ")
    end = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": stamp}}
    cluster.pod("timed", status_of({"restartCount": 1, "state": {"running": {}}, "lastState": end}))
    seen = cluster.diagnose(about("timed"))
    times = [one.at for one in seen.item("pod.timed").observations if one.name == "pod.terminated"]
    assert times == [finished]
