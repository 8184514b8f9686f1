"""A client of the Kubernetes API for what K3s does itself."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .https import request, trusting

Document = dict[str, Any]
MERGE, STATUS_PATCH = "application/merge-patch+json", "application/strategic-merge-patch+json"


class ApiError(Exception):
    """The API refuses; the message is its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class KubeApi:
    """The API as one client."""

    url: str
    context: ssl.SSLContext

    def call(
        self, method: str, path: str, body: Document | None = None, kind: str = "application/json"
    ) -> Document:
        """One request.

        Raises:
            ApiError: when the API refuses.
            OSError: when it does not answer.
        """
        content = json.dumps(body).encode() if body is not None else None
        answer = request(method, self.url + path, self.context, content, {"Content-Type": kind})
        if answer.status >= 400:
            raise ApiError(answer.status, _message(answer.body) or answer.reason)
        return answer.document()

    def get(self, path: str) -> Document | None:
        """An object, or None when there is none."""
        try:
            return self.call("GET", path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def create(self, path: str, body: Document) -> bool:
        """Create an object unless it is there; return whether it was created."""
        try:
            self.call("POST", path, body)
        except ApiError as error:
            if error.status == 409:
                return False
            raise
        return True

    def delete(self, path: str) -> None:
        """Delete an object if it is there."""
        try:
            self.call("DELETE", path)
        except ApiError as error:
            if error.status != 404:
                raise

    def is_ready(self) -> bool:
        """Whether the API server says that it is ready."""
        try:
            return request("GET", f"{self.url}/readyz", self.context, seconds=3).status == 200
        except OSError:
            return False


def client(url: str, authority: Path, certificate: Path) -> KubeApi:
    """A client with a certificate."""
    return KubeApi(url, trusting(authority, certificate))


def kubeconfig(url: str, authority: Path, certificate: Path) -> str:
    """A kubeconfig that names files, as those of K3s' components do."""
    user = {"client-certificate": str(certificate), "client-key": str(certificate.with_suffix(".key"))}
    return _kubeconfig({"server": url, "certificate-authority": str(authority)}, user)


def kubeconfig_with(url: str, content: Mapping[str, str]) -> str:
    """A kubeconfig that holds what it needs: k3s.yaml.

    JSON is YAML too, but people grep this file, and roles replace its address: one value a line.
    """
    return (
        "apiVersion: v1\nclusters:\n- cluster:\n"
        f"    certificate-authority-data: {content['authority']}\n    server: {url}\n"
        "  name: default\ncontexts:\n- context:\n    cluster: default\n    user: default\n  name: default\n"
        "current-context: default\nkind: Config\npreferences: {}\nusers:\n- name: default\n  user:\n"
        f"    client-certificate-data: {content['certificate']}\n    client-key-data: {content['key']}\n"
    )


def _kubeconfig(cluster: Mapping[str, str], user: Mapping[str, str]) -> str:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": cluster}],
        "users": [{"name": "user", "user": user}],
        "contexts": [{"name": "Default", "context": {"cluster": "local", "user": "user"}}],
        "current-context": "Default",
    }
    return json.dumps(content, indent=2) + "\n"


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        return ""
