"""What any Kubernetes cluster can do, asked of ours with nothing in it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.gitops.kubectl import KubectlError
from infra.local import processes
from infra.local.control_plane import API_SERVER_URL
from infra.local.place import Place
from tests.cluster.bare import Bare
from tests.cluster.live import eventually

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

SPACE = "trial"
SHELL = ("exec", "--namespace", SPACE, "web", "--", "/bin/busybox")
WORKLOAD = """\
apiVersion: v1
kind: Namespace
metadata:
  name: trial
  labels:
    pod-security.kubernetes.io/enforce: restricted
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: trial}
spec:
  accessModes: [ReadWriteOnce]
  storageClassName: local-path
  resources: {requests: {storage: 1Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: trial}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: trial, labels: {app: web}}
spec:
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    fsGroup: 1000
    seccompProfile: {type: RuntimeDefault}
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
  containers:
    - name: web
      image: homeostat/busybox:@busybox@
      command:
        - /bin/busybox
        - sh
        - -c
        - |
          echo begun
          trap 'echo ended >> /data/log; exit' TERM
          while true; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello' | nc -l -p 8080 & wait $!; done
      readinessProbe: {exec: {command: [/bin/busybox, "true"]}, periodSeconds: 1}
      volumeMounts: [{name: data, mountPath: /data}]
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"""
#: as node-exporter is
WATCHER = """\
apiVersion: v1
kind: Pod
metadata: {name: watcher, namespace: default}
spec:
  volumes: [{name: machine, hostPath: {path: /}}]
  containers:
    - name: watcher
      image: @image@
      command: [/bin/busybox, sleep, "600"]
      volumeMounts:
        - {name: machine, mountPath: /machine, readOnly: true, mountPropagation: HostToContainer}
"""


@pytest.fixture(scope="module")
def cluster(bare: Bare) -> Iterator[Bare]:
    """The cluster with one pod in it that has a volume and a service."""
    bare.start()
    tag = next(
        word.rpartition(":")[2]
        for word in bare.kubectl.run(
            "get", "configmap", "local-path-provisioner", "-n", "kube-system", "-o", "yaml"
        ).split()
        if word.startswith("homeostat/busybox:")
    )
    bare.kubectl.apply(WORKLOAD.replace("@busybox@", tag))
    bare.kubectl.wait("pod/web", "condition=Ready", timeout_seconds=120, namespace=SPACE)
    return bare


def pids(place: Place) -> dict[str, int]:
    return {found.component: found.identity.pid for found in processes.running(place)}


def test_a_second_start_changes_nothing(cluster: Bare) -> None:
    before = pids(cluster.place)
    assert cluster.start() == []
    assert pids(cluster.place) == before


def test_the_machine_s_own_mounts_stay_as_they_are(cluster: Bare) -> None:
    assert str(cluster.place.folder) not in Path("/proc/self/mounts").read_text()


def test_a_pod_may_see_the_machine_s_mounts_as_they_change(cluster: Bare) -> None:
    web = cluster.kubectl.get("pod", "web", SPACE)
    assert web is not None
    cluster.kubectl.apply(WATCHER.replace("@image@", web["spec"]["containers"][0]["image"]))
    cluster.kubectl.wait("pod/watcher", "condition=Ready", timeout_seconds=60, namespace="default")


def test_a_service_answers_from_the_host(cluster: Bare) -> None:
    service = cluster.kubectl.get("service", "web", SPACE)
    assert service is not None
    with httpx.Client(trust_env=False, transport=httpx.HTTPTransport(retries=5)) as client:
        assert client.get(f"http://{service['spec']['clusterIP']}").text == "hello"


def test_a_pod_reaches_a_service_by_its_name_even_its_own(cluster: Bare) -> None:
    assert cluster.kubectl.run(*SHELL, "wget", "-qO-", "http://web.trial") == "hello"


def test_logs_and_exec_work(cluster: Bare) -> None:
    assert cluster.kubectl.run("logs", "--namespace", SPACE, "web").startswith("begun")
    assert cluster.kubectl.run(*SHELL, "id", "-u").strip() == "1000"


def test_a_volume_lies_in_the_cluster_s_folder(cluster: Bare) -> None:
    cluster.kubectl.run(*SHELL, "sh", "-c", "echo kept > /data/file")
    assert [path.read_text() for path in cluster.place.volumes.glob("*/file")] == ["kept\n"]


def test_strangers_see_the_health_and_nothing_else(cluster: Bare) -> None:
    with httpx.Client(trust_env=False, verify=False) as client:
        asked = {
            path: client.get(API_SERVER_URL + path).status_code for path in ("/readyz", "/api", "/metrics")
        }
    assert asked == {"/readyz": 200, "/api": 401, "/metrics": 401}


def test_a_service_account_may_read_no_secrets(cluster: Bare) -> None:
    account = "--as=system:serviceaccount:trial:default"
    with pytest.raises(KubectlError, match="forbidden"):
        cluster.kubectl.run("get", "secrets", "--namespace", SPACE, account)


def test_a_node_may_not_change_another(cluster: Bare) -> None:
    other = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "other"}}
    kubelet = ("--as=system:node:homeostat", "--as-group=system:nodes")
    with pytest.raises(KubectlError, match=r"not allowed|forbidden"):
        cluster.kubectl.run("create", "-f", "-", *kubelet, given=str(other).replace("'", '"'))


def test_a_namespace_that_asks_for_restricted_pods_gets_no_other(cluster: Bare) -> None:
    with pytest.raises(KubectlError, match="violates PodSecurity"):
        cluster.kubectl.run("run", "bad", "--namespace", SPACE, "--image=x", "--privileged")


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver", "containerd", "kubelet", "kube-proxy"])
def test_a_killed_component_is_named_by_status_and_started_by_up(cluster: Bare, name: str) -> None:
    os.kill(pids(cluster.place)[name], signal.SIGKILL)
    eventually(lambda: name not in pids(cluster.place))
    ill = {part.name for part in cluster.status().parts if not part.healthy}
    assert name in ill
    changed = cluster.start()
    assert changed[0] == f"{name} was started"
    # an API server whose etcd was gone is started anew, and nothing else is
    assert changed[1:] == (
        ["kube-apiserver was stopped", "kube-apiserver was started"] if name == "etcd" else []
    )
    cluster.kubectl.wait("pod/web", "condition=Ready", timeout_seconds=60, namespace=SPACE)


def test_a_stop_ends_containers_politely_and_a_start_has_all_data(cluster: Bare) -> None:
    cluster.kubectl.run(*SHELL, "sh", "-c", "echo kept > /data/file")
    cluster.stop()
    assert pids(cluster.place) == {}
    assert not cluster.status().running
    assert cluster.stop() == []

    cluster.start()
    cluster.kubectl.wait("pod/web", "condition=Ready", timeout_seconds=120, namespace=SPACE)
    assert cluster.kubectl.run(*SHELL, "cat", "/data/file", "/data/log") == "kept\nended\n"
    assert cluster.start() == []
