"""What is dropped into the folder of manifests is applied, and again when it changes."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import log
from .options import Options
from .paths import Paths
from .release import Release

_KINDS = {".yaml", ".yml", ".json"}


@dataclass(slots=True)
class Manifests:
    """The folder of one server, and what was applied of it."""

    release: Release
    paths: Paths
    options: Options
    _applied: dict[Path, str] = field(default_factory=dict[Path, str])

    def apply(self) -> None:
        """Apply what is new; what fails is tried again in the next turn."""
        for path in sorted(self.paths.manifests.rglob("*")):
            if path.suffix not in _KINDS or self._is_left_out(path):
                continue
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if self._applied.get(path) != digest and self._apply(path):
                self._applied[path] = digest

    def _is_left_out(self, path: Path) -> bool:
        disabled = set(self.options.split("disable"))
        return path.with_name(f"{path.name}.skip").exists() or path.stem in disabled

    def _apply(self, path: Path) -> bool:
        config = self.paths.credentials / "admin.kubeconfig"
        command = [self.release.part("kubectl"), f"--kubeconfig={config}", "apply", "--server-side"]
        ran = subprocess.run(
            [*command, "--force-conflicts", "--field-manager=deploy@k3s", "-f", str(path)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if ran.returncode != 0:
            log.error(f"Failed to process config: failed to process {path}: {ran.stderr.strip()}")
            return False
        log.info(f"Applied manifest at {path}")
        return True
