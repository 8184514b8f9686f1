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
        self._addresses = addresses
        self._kubeconfig = kubeconfig
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

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
