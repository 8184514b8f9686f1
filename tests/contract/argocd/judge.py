"""What ``argocd admin`` says about an object, by the configuration that an environment installs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HEALTH = re.compile(r"STATUS: (?P<status>\w+)\nMESSAGE: (?P<message>.*)")


@dataclass(frozen=True, slots=True)
class Judge:
    """Argo CD's program and a folder with its rendered ConfigMaps."""

    program: Path
    folder: Path

    def health(self, found: Mapping[str, Any]) -> tuple[str, str]:
        """Status and message, by the health check in Lua."""
        settings = self.folder / "argocd-cm.json"
        said = self._admin(
            "settings", "resource-overrides", "health", str(self._file(found)), f"--argocd-cm-path={settings}"
        )
        told = _HEALTH.search(said)
        assert told is not None, said
        return told["status"], told["message"]

    def fires(self, trigger: str, application: Mapping[str, Any]) -> bool:
        """Whether the trigger's condition holds for the Application."""
        said = self._notifications(
            "trigger", "run", trigger, str(self._file(application)),
            f"--config-map={self.folder / 'argocd-notifications-cm.json'}", "--secret=:empty",
        )  # fmt: skip
        return said.splitlines()[-1].split()[-1] == "true"

    def post(self, template: str, application: Mapping[str, Any], url: str, token: str) -> None:
        """Have the notification sent, to ``url`` where triage would be."""
        text = (self.folder / "argocd-notifications-cm.json").read_text(encoding="utf-8")
        configuration = self.folder / "elsewhere.json"
        configuration.write_text(
            text.replace("http://triage.observability.svc.cluster.local:8090", url), encoding="utf-8"
        )
        metadata = {"name": "argocd-notifications-secret"}
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "stringData": {"triage-token": token},
        }
        (self.folder / "secret.json").write_text(json.dumps(secret), encoding="utf-8")
        self._notifications(
            "template", "notify", template, str(self._file(application)), "--recipient=triage:",
            f"--config-map={configuration}", f"--secret={self.folder / 'secret.json'}",
        )  # fmt: skip

    def _notifications(self, *arguments: str) -> str:
        return self._admin("notifications", *arguments, f"--kubeconfig={self.folder / 'kubeconfig'}")

    def _admin(self, *arguments: str) -> str:
        ran = subprocess.run(
            [self.program, "admin", *arguments],
            env={**os.environ, "NO_PROXY": "127.0.0.1", "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def _file(self, found: Mapping[str, Any]) -> Path:
        path = self.folder / "object.json"
        path.write_text(json.dumps(found), encoding="utf-8")
        return path
