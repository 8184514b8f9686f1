"""Trivy's judgement of an image, where Trivy is; where it is not, that is said and never taken for a pass."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from infra.local.images.buildah import Buildah
from infra.local.images.errors import ImageError, VulnerableImage

LIMIT_SECONDS = 600
_FINDINGS = 9


def scan(buildah: Buildah, name: str, log: Path) -> str:
    """One sentence about the image ``name``: that it passed, or that it was not scanned and why.

    Raises:
        VulnerableImage: when it has a vulnerability that matters and has a fix, or holds a secret.
        ImageError: when Trivy can't judge.
    """
    program = shutil.which("trivy")
    if program is None:
        return f"{name} was not scanned: trivy is not installed."
    with tempfile.TemporaryDirectory(prefix="homeostat-scan-") as folder:
        archive = Path(folder) / "image.tar"
        buildah.push(name, f"docker-archive:{archive}:{name}", log)
        argv = [
            program, "image", "--quiet", "--exit-code", str(_FINDINGS), "--ignore-unfixed",
            "--severity", "HIGH,CRITICAL", "--scanners", "vuln,secret", "--input", str(archive),
        ]  # fmt: skip
        ended = subprocess.run(
            argv, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    if ended.returncode == _FINDINGS:
        raise VulnerableImage(f"{name} has findings that matter and have a fix:\n{ended.stdout.strip()}")
    if ended.returncode != 0:
        said = (ended.stderr or ended.stdout).strip().splitlines() or ["without a word"]
        raise ImageError(f"trivy could not judge {name}: {said[-1]}")
    return f"{name} passed the scan."
