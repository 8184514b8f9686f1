"""What kubectl prints yields the observations of the live collectors, on the lines that say so."""

from __future__ import annotations

import json

import pytest

DESCRIBED = """\
Name:             web-7d9c8f6b54-x2klq
Namespace:        shop
Node:             node-a/10.0.0.1
Start Time:       Sun, 01 Mar 2026 11:40:00 +0000
Status:           Running
Controlled By:  ReplicaSet/web-7d9c8f6b54
Containers:
  web:
    Container ID:  containerd://1
    Image:         registry.example.com/web:3
    State:          Waiting
      Reason:       CrashLoopBackOff
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Sun, 01 Mar 2026 11:45:00 +0000
      Finished:     Sun, 01 Mar 2026 11:46:30 +0000
    Ready:          False
    Restart Count:  5
    Limits:
      memory:  64Mi
    Requests:
      memory:  64Mi
Conditions:
  Type              Status
  Initialized       True
  Ready             False
Events:
  Type     Reason     Age                   From               Message
  ----     ------     ----                  ----               -------
  Normal   Scheduled  20m                   default-scheduler  Successfully assigned shop/web to node-a
  Warning  BackOff    30s (x26 over 10m)    kubelet            Back-off restarting failed container web
"""

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-0", "namespace": "shop"},
    "spec": {"containers": [{"name": "web", "image": "web:3", "resources": {"limits": {"memory": "64Mi"}}}]},
    "status": {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
        "containerStatuses": [
            {
                "name": "web",
                "image": "web:3",
                "ready": False,
                "restartCount": 5,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}},
                "lastState": {
                    "terminated": {
                        "exitCode": 137,
                        "reason": "OOMKilled",
                        "startedAt": "2026-03-01T11:45:00Z",
                        "finishedAt": "2026-03-01T11:46:30Z",
                    }
                },
            }
        ],
    },
}

POD_YAML = """\
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: shop
  annotations:
    note: "a text: with a colon"
spec:
  containers:
  - name: web
    image: web:3
    args: ["--x"]
    resources:
      limits:
        memory: 64Mi
status:
  phase: Running
  conditions:
  - lastTransitionTime: "2026-03-01T11:40:00Z"
    message: 'containers with unready status: [web]'
    reason: ContainersNotReady
    status: "False"
    type: Ready
  containerStatuses:
  - image: web:3
    lastState:
      terminated:
        exitCode: 137
        finishedAt: "2026-03-01T11:46:30Z"
        reason: OOMKilled
        startedAt: "2026-03-01T11:45:00Z"
    name: web
    ready: false
    restartCount: 5
    state:
      waiting:
        message: back-off 5m0s restarting failed container=web
          pod=web-0_shop
        reason: CrashLoopBackOff
"""


@pytest.mark.parametrize("text", [DESCRIBED, json.dumps(POD, indent=2), json.dumps(POD), POD_YAML])
def test_a_pod_says_the_same_in_every_form(save, text):
    seen = save({"anything": text})
    ended = seen.one("pod.terminated")
    assert (ended.texts["reason"], ended.texts["container"], ended.texts["limit"]) == (
        "OOMKilled",
        "web",
        "64Mi",
    )
    assert ended.numbers["exit_code"] == 137
    assert ended.numbers["ran_seconds"] == 90
    assert ended.numbers["restarts"] == 5
    assert "OOMKilled" in seen.said("pod.terminated")
    assert "64Mi" in seen.said("pod.container")
    assert seen.one("pod.waiting").texts["reason"] == "CrashLoopBackOff"
    assert seen.one("pod.condition").texts["type"] == "Ready"
    assert seen.one("pod").numbers["ready"] == 0


def test_a_description_tells_its_events_newest_first_with_times(save):
    seen = save({"x": DESCRIBED})
    newest, oldest = seen.all("event")
    assert (newest.texts["reason"], newest.numbers["times"], newest.texts["kind"]) == ("BackOff", 26, "Pod")
    # the pod started when it was scheduled 20 minutes before the description was printed
    assert newest.at.isoformat() == "2026-03-01T11:59:30+00:00"
    assert oldest.texts["reason"] == "Scheduled"


SAID = "Back-off restarting failed container web"
TABLES = {
    "plain": (
        "LAST SEEN   TYPE      REASON    OBJECT      MESSAGE",
        f"30s         Warning   BackOff   pod/web-0   {SAID}",
    ),
    "of all namespaces": (
        "NAMESPACE   LAST SEEN            TYPE      REASON    OBJECT      MESSAGE",
        f"shop        30s (x4 over 5m)     Warning   BackOff   Pod/web-0   {SAID}",
    ),
    "wide": (
        f"LAST SEEN   TYPE      REASON    OBJECT      SUBOBJECT              {'MESSAGE':40}   FIRST SEEN",
        f"30s         Warning   BackOff   pod/web-0   spec.containers{{web}}   {SAID:40}   5m",
    ),
    "of long ago": (
        "LASTSEEN   FIRSTSEEN   COUNT   NAME    KIND   SUBOBJECT   TYPE      REASON    SOURCE    MESSAGE",
        f"30s        5m          4       web-0   Pod                Warning   BackOff   kubelet   {SAID}",
    ),
    "with times": (
        "TIME                   TYPE      REASON    OBJECT      MESSAGE",
        f"2026-03-01T11:59:00Z   Warning   BackOff   pod/web-0   {SAID}",
    ),
}


@pytest.mark.parametrize("table", ["\n".join(lines) for lines in TABLES.values()], ids=list(TABLES))
def test_every_form_of_the_table_of_events_is_understood(save, table):
    seen = save({"a.txt": table})
    event = seen.one("event")
    assert (event.texts["reason"], event.texts["object"], event.texts["kind"]) == ("BackOff", "web-0", "Pod")
    assert event.texts["message"].startswith("Back-off restarting")
    assert event.line == 2


def test_events_alone_tell_that_a_container_keeps_ending(save):
    table = (
        "LAST SEEN   TYPE      REASON    OBJECT      MESSAGE\n"
        f"30s         Warning   BackOff   pod/web-0   {SAID} in pod web-0_shop\n"
    )
    waits = save({"a": table}).one("pod.waiting")
    assert (waits.texts["reason"], waits.texts["pod"], waits.texts["container"]) == (
        "CrashLoopBackOff",
        "web-0",
        "web",
    )


def test_a_pod_that_was_placed_in_the_end_is_not_called_unschedulable(save):
    head = "LAST SEEN   TYPE      REASON             OBJECT      MESSAGE\n"
    failed = (
        "5m          Warning   FailedScheduling   pod/web-0   0/1 nodes are available: 1 Insufficient cpu.\n"
    )
    placed = "1m          Normal    Scheduled          pod/web-0   Successfully assigned shop/web-0 to n\n"
    assert save({"a": head + failed}).one("pod.condition").texts["reason"] == "Unschedulable"
    assert not save({"a": head + failed + placed}).all("pod.condition")


def test_a_table_of_pods_is_believed_only_where_nothing_describes_them(save):
    table = (
        "NAME                   READY   STATUS             RESTARTS      AGE\n"
        "web-7d9c8f6b54-x2klq   0/1     CrashLoopBackOff   5 (30s ago)   20m\n"
        "api-0                  0/1     ImagePullBackOff   0             20m\n"
    )
    seen = save({"describe": DESCRIBED, "pods": table})
    assert [(one.texts["pod"], one.texts["reason"]) for one in seen.all("pod.waiting")] == [
        ("web-7d9c8f6b54-x2klq", "CrashLoopBackOff"),
        ("api-0", "ImagePullBackOff"),
    ]


def test_outputs_of_several_commands_in_one_file_are_told_apart(save):
    text = (
        f"$ kubectl describe pod web\n{DESCRIBED}\n$ kubectl logs web-7d9c8f6b54-x2klq -c web --previous\n"
        "2026-03-01T11:46:29Z ERROR can't allocate 200 MB\n"
    )
    seen = save({"all.txt": text})
    assert seen.one("pod.terminated").texts["reason"] == "OOMKilled"
    error = seen.one("log.errors")
    assert (error.texts["run"], error.texts["container"], error.texts["error"]) == (
        "previous",
        "web",
        "can't allocate 200 MB",
    )
    assert "200 MB" in seen.said("log.errors")


def test_an_application_is_understood_as_argocd_prints_it(save):
    text = """\
Name:               argocd/shop
Project:            default
Sync Status:        OutOfSync from main (abc1234)
Health Status:      Degraded

Operation:          Sync
Sync Revision:      abc1234
Phase:              Failed
Start:              2026-03-01 11:50:00 +0000 UTC
Finished:           2026-03-01 11:50:03 +0000 UTC
Message:            one or more objects failed to apply, reason: Deployment.apps "web" is invalid

GROUP  KIND        NAMESPACE  NAME  STATUS     HEALTH    HOOK  MESSAGE
apps   Deployment  shop       web   OutOfSync  Degraded        Deployment.apps "web" is invalid
"""
    seen = save({"app": text})
    assert seen.one("app").texts == {"application": "shop", "sync": "OutOfSync", "health": "Degraded"}
    assert "is invalid" in seen.said("app.operation")
    assert seen.one("app.resource").texts["name"] == "web"


def test_a_manifest_says_nothing_of_what_runs(save):
    manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n"
    assert not save({"deploy.yaml": manifest}).all("workload")


def test_a_log_right_behind_a_description_is_a_log(save):
    seen = save({"all": DESCRIBED + "2026-03-01T11:46:29Z ERROR can't allocate 200 MB\n"})
    assert seen.one("pod.terminated").texts["reason"] == "OOMKilled"
    assert seen.one("log.errors").line == DESCRIBED.count("\n") + 1
