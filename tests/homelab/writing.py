"""Someone who writes all the time, through whichever API server answers, and remembers what was promised."""

from __future__ import annotations

import base64
import ssl
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx

from homeostat.yaml_text import parse_yaml

_SECONDS = 8.0


def client(kubeconfig: str) -> httpx.Client:
    """An HTTP client that is the administrator of a server's own kubeconfig."""
    content: Any = parse_yaml(kubeconfig, "k3s.yaml")
    cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    with tempfile.TemporaryDirectory() as folder:
        names = (("cert", "client-certificate-data"), ("key", "client-key-data"))
        paths = [Path(folder) / name for name, _ in names]
        for path, (_, field) in zip(paths, names, strict=True):
            path.write_bytes(base64.b64decode(user[field]))
        context.load_cert_chain(*paths)
    return httpx.Client(verify=context, timeout=_SECONDS, trust_env=False)


class Writer:
    """Writes ConfigMaps one after another; one that an API server acknowledged must be there for ever."""

    def __init__(self, addresses: Sequence[str], kubeconfig: str) -> None:
        self.acknowledged: list[str] = []
        #: of each look, how many servers ran whose members of etcd have a vote
        self.healthy: list[int] = []
        self._addresses = addresses
        self._kubeconfig = kubeconfig
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._write, self._look)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def kept(self) -> set[str]:
        """The names of all that is there, of what was written."""
        with client(self._kubeconfig) as api:
            for address in self._addresses:
                query = {"labelSelector": "written=yes"}
                answer = api.get(f"https://{address}:6443/api/v1/namespaces/default/configmaps", params=query)
                if answer.status_code == httpx.codes.OK:
                    return {item["metadata"]["name"] for item in answer.json()["items"]}
        raise AssertionError("no server answers")

    def _write(self) -> None:
        with client(self._kubeconfig) as api:
            number = 0
            while not self._ended.wait(0.1):
                name = f"written-{number:05}"
                if self._written(api, name):
                    self.acknowledged.append(name)
                number += 1

    def _written(self, api: httpx.Client, name: str) -> bool:
        """Whether some server acknowledged it; "it exists" is an acknowledgement whose answer was lost."""
        body = {"metadata": {"name": name, "labels": {"written": "yes"}}, "data": {"name": name}}
        for address in self._addresses:
            try:
                answer = api.post(f"https://{address}:6443/api/v1/namespaces/default/configmaps", json=body)
            except httpx.TransportError:
                continue
            if answer.status_code in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
                return True
        return False

    def _look(self) -> None:
        with client(self._kubeconfig) as api:
            voters = set(self._addresses)
            while not self._ended.wait(1.0):
                voters = self._voters(api) or voters
                alive = {address for address in self._addresses if self._runs(api, address)}
                self.healthy.append(len(alive & voters))

    def _voters(self, api: httpx.Client) -> set[str]:
        """The addresses of the servers whose etcd members vote, as the first server tells that answers."""
        for address in self._addresses:
            try:
                answer = api.get(f"https://{address}:6443/api/v1/nodes")
            except httpx.TransportError:
                continue
            if answer.status_code == httpx.codes.OK:
                return {_address(node) for node in answer.json()["items"] if _votes(node)}
        return set()

    def _runs(self, api: httpx.Client, address: str) -> bool:
        # not /readyz: for a moment it fails everywhere, when the leader stops and the others choose another
        try:
            return api.get(f"https://{address}:6443/ping").text == "pong"
        except httpx.TransportError:
            return False


def _votes(node: Any) -> bool:
    return any(
        one["type"] == "EtcdIsVoter" and one["status"] == "True" for one in node["status"]["conditions"]
    )


def _address(node: Any) -> str:
    return next(one["address"] for one in node["status"]["addresses"] if one["type"] == "InternalIP")
