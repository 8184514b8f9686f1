"""A real Kubernetes API server on loopback: etcd and kube-apiserver as plain processes, without root.

It proves what only an API server can: custom resources against their schemas, RBAC, admission, server-side
apply and watches. No kubelet runs, so no pod ever does; with ``controllers=True`` the controllers run too, so
that a Deployment becomes a ReplicaSet and Pod objects, namespaces get their service accounts, and the cluster
roles ``view``, ``edit`` and ``admin`` their rules.

Tests that use it are marked ``go``. For one server a session, a ``conftest.py`` says
``from tests.apiserver import apiserver`` and its tests take the argument ``apiserver``.
"""

from __future__ import annotations

import json
import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra.process.state.ports import LOOPBACK, any_free_port
from tests.programs import find

#: far more than is needed: the machine may be busy
PATIENCE_SECONDS = 120.0
ISSUER = "https://kubernetes.default.svc.cluster.local"
#: what the controllers' names for pods and service accounts need, and nothing that wants a node or a cloud
CONTROLLERS = ("*", "-nodeipam", "-nodelifecycle", "-ttl", "-persistentvolume-binder")


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A running API server and the ways into it."""

    url: str
    #: of a member of system:masters
    token: str
    #: PEM of what signed the server's certificate
    ca: Path
    kubeconfig: Path
    kubectl_program: Path

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """What ``kubectl`` prints; a failure is an assertion error with what it said."""
        ran = self.try_kubectl(*arguments, stdin=stdin)
        assert ran.returncode == 0, f"kubectl {' '.join(arguments)}: {ran.stderr.strip()}"
        return ran.stdout

    def try_kubectl(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """The same, for a test that expects a refusal."""
        return subprocess.run(
            [self.kubectl_program, f"--kubeconfig={self.kubeconfig}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def apply(self, *documents: dict[str, Any]) -> str:
        """Apply the documents server-side, with strict validation; without a namespace to the default one."""
        items = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
        flags = ("--server-side", "--validate=strict", "--force-conflicts")
        return self.kubectl("apply", *flags, "-f", "-", stdin=items)

    def get(self, *arguments: str) -> dict[str, Any]:
        """``kubectl get`` as a document."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def client(self, token: str | None = None) -> httpx.Client:
        """An HTTP client with ``token``, by default the administrator's."""
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token or self.token}"},
            verify=ssl.create_default_context(cafile=str(self.ca)),
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )

    def kubeconfig_for(self, token: str, path: Path) -> Path:
        """A kubeconfig that speaks with ``token``, such as one of ``kubectl create token``."""
        cluster = {"server": self.url, "certificate-authority": str(self.ca)}
        context = {"cluster": "test", "user": "test", "namespace": "default"}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": context}],
            "current-context": "test",
        }
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
        path.chmod(0o600)
        return path


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """One server for the session, without controllers."""
    with api_server(tmp_path_factory.mktemp("apiserver")) as running:
        yield running


@contextmanager
def api_server(folder: Path, *, crds: Sequence[Path] = (), controllers: bool = False) -> Iterator[ApiServer]:
    """Run the server, with all that it writes below ``folder``, until the block ends.

    Args:
        folder: for state, certificates and logs.
        crds: files of custom resource definitions, which the garbage collector knows from its start.
        controllers: whether the controllers run, too.
    """
    with ExitStack() as stack:
        etcd = stack.enter_context(_etcd(folder))
        server = stack.enter_context(_kube_apiserver(folder, etcd))
        for crd in crds:
            server.kubectl("apply", "--server-side", "-f", str(crd))
        if controllers:
            stack.enter_context(_kube_controller_manager(folder, server))
        yield server


def await_(what: str, condition: Callable[[], Any], patience_seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first truthy answer of ``condition``."""
    end = time.monotonic() + patience_seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)
    return found


@contextmanager
def _etcd(folder: Path) -> Iterator[str]:
    client, peer = (f"http://{LOOPBACK}:{any_free_port()}" for _ in range(2))
    arguments = [
        *("--name=test", f"--data-dir={folder}/etcd", "--unsafe-no-fsync", "--log-level=warn"),
        *(f"--listen-client-urls={client}", f"--advertise-client-urls={client}"),
        *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"),
        f"--initial-cluster=test={peer}",
    ]
    with httpx.Client(trust_env=False) as http, _running("etcd", arguments, folder) as alive:
        await_("etcd is healthy", lambda: alive() and answers(http, f"{client}/health"))
        yield client


@contextmanager
def _kube_apiserver(folder: Path, etcd: str) -> Iterator[ApiServer]:
    port, token = any_free_port(), secrets.token_hex(16)
    tokens, certificates = folder / "tokens.csv", folder / "certificates"
    tokens.write_text(f"{token},admin,admin,system:masters\n", encoding="utf-8")
    key = _service_account_key(folder / "service-accounts.pem")
    arguments = [
        *(f"--etcd-servers={etcd}", f"--secure-port={port}", f"--bind-address={LOOPBACK}"),
        *(f"--cert-dir={certificates}", f"--token-auth-file={tokens}", "--authorization-mode=RBAC"),
        *(f"--service-account-issuer={ISSUER}", f"--service-account-key-file={key}"),
        *(f"--service-account-signing-key-file={key}", "--service-cluster-ip-range=10.43.0.0/16"),
        # a loopback address can't be advertised; nothing connects to this one
        *("--advertise-address=10.99.0.1", "--endpoint-reconciler-type=none", "--profiling=false"),
    ]
    server = ApiServer(
        url=f"https://{LOOPBACK}:{port}",
        token=token,
        ca=certificates / "apiserver.crt",
        kubeconfig=folder / "kubeconfig",
        kubectl_program=find("go", "kubectl"),
    )
    with _running("kube-apiserver", arguments, folder) as alive:
        await_("the API server has a certificate", lambda: alive() and server.ca.exists())
        server.kubeconfig_for(token, server.kubeconfig)
        with server.client() as http:
            await_("the API server is ready", lambda: alive() and answers(http, "/readyz"))
            default = "/api/v1/namespaces/default"
            await_("the default namespace exists", lambda: alive() and answers(http, default))
        yield server


@contextmanager
def _kube_controller_manager(folder: Path, server: ApiServer) -> Iterator[None]:
    arguments = [
        *(f"--kubeconfig={server.kubeconfig}", "--leader-elect=false", "--secure-port=0"),
        *(f"--service-account-private-key-file={folder}/service-accounts.pem", f"--root-ca-file={server.ca}"),
        *("--use-service-account-credentials=false", f"--controllers={','.join(CONTROLLERS)}"),
    ]
    account = "/api/v1/namespaces/default/serviceaccounts/default"
    with _running("kube-controller-manager", arguments, folder) as alive, server.client() as http:
        await_("the controllers work", lambda: alive() and answers(http, account))
        yield


@contextmanager
def _running(program: str, arguments: Sequence[str], folder: Path) -> Iterator[Callable[[], bool]]:
    """Run the program until the block ends; yield a check that fails, with its log, once it has ended."""
    log = folder / f"{program}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [find("go", program), *arguments], stdout=stream, stderr=subprocess.STDOUT, cwd=folder
        )

    def alive() -> bool:
        assert process.poll() is None, f"{program} ended:\n{log.read_text(encoding='utf-8')[-4000:]}"
        return True

    try:
        yield alive
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end, and end it when it does not."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).is_success
    except httpx.TransportError:
        return False


def _service_account_key(path: Path) -> Path:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    path.write_bytes(pem)
    path.chmod(0o600)
    return path
