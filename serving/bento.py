"""Packaging: one model's bundle, the service and its locked dependencies as a BentoML bento.

A bento is known by the digest of its content, and the same input gives the same digest: the one thing that
BentoML makes anew each time, the time of creation, is set to a constant. The version in the model registry
is no part of it either; the release that names the digest has it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import homeostat
import serving
from homeostat.digest import of_tree
from homeostat.errors import MachineError
from homeostat.yaml_text import to_yaml
from serving.bento_layout import BUNDLE, source_directory, verify_bento
from serving.bundle import BundleManifest, read_graph, read_manifest

#: the packages that serve; both lie in the checkout whose service is packed
PACKAGES = (homeostat, serving)
LOCK = Path("requirements/serving.txt")
CREATED = "1970-01-01T00:00:00+00:00"
VERSION = "packed"
BUILD_SECONDS = 300

__all__ = ["build_bento", "verify_bento"]


def build_bento(bundle_dir: Path, store_dir: Path) -> str:
    """Pack the bundle and put the bento into ``store_dir/<digest>``; return the digest.

    A bento that the store already has is left as it is. The user's own BentoML store is not touched.

    Raises:
        BundleError: when the bundle's manifest can't be read.
        WrongDigest: when its graph is not the one that the manifest names.
        MachineError: when BentoML fails, with its last line.
    """
    manifest = read_manifest(bundle_dir)
    read_graph(bundle_dir, manifest)
    store_dir.mkdir(parents=True, exist_ok=True)
    # Not beside the store: BentoML refuses to read below a hidden folder, and the platform's state is one.
    with tempfile.TemporaryDirectory(prefix="homeostat-packing-") as folder:
        workplace = Path(folder)
        context = workplace / "context"
        _lay_out(context, bundle_dir, manifest)
        bento = _build(context, workplace / "home")
        _normalise(bento)
        digest = of_tree(bento)
        if not (store_dir / digest).is_dir():
            _publish(bento, store_dir, digest)
    return digest


def _lay_out(context: Path, bundle_dir: Path, manifest: BundleManifest) -> None:
    """The folder that BentoML packs: sources, bundle, lock and nothing else."""
    for package in PACKAGES:
        source = Path(package.__path__[0])
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(source, context / source.name, ignore=ignored)
    (context / BUNDLE).mkdir()
    for name in manifest.files:
        shutil.copyfile(bundle_dir / name, context / BUNDLE / name)
    lock = Path(serving.__path__[0]).parent / LOCK
    if not lock.is_file():
        raise MachineError(f"{lock} is missing: make it with 'make lock'.")
    (context / LOCK).parent.mkdir()
    shutil.copyfile(lock, context / LOCK)
    (context / "bentofile.yaml").write_text(to_yaml(_bentofile()), encoding="utf-8")


def _bentofile() -> dict[str, object]:
    packed = [*(package.__name__ for package in PACKAGES), BUNDLE, LOCK.parent.as_posix()]
    return {
        "service": "serving.service:Tabular",
        "include": [f"{name}/**" for name in packed],
        "python": {"requirements_txt": LOCK.as_posix(), "lock_packages": False},
    }


def _build(context: Path, home: Path) -> Path:
    """Run BentoML's own build with a store of its own; return the built bento's folder."""
    environment = os.environ | {
        "BENTOML_HOME": str(home),
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(context),
    }
    command = [sys.executable, "-m", "bentoml", "build", "--version", VERSION, str(context)]
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=context,
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MachineError(f"BentoML did not pack the model within {BUILD_SECONDS} s.") from None
    built = list((home / "bentos").glob(f"*/{VERSION}/bento.yaml"))
    if done.returncode != 0 or len(built) != 1:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise MachineError(f"BentoML could not pack the model (exit {done.returncode}): {said[-1]}")
    return built[0].parent


def _normalise(bento: Path) -> None:
    """Take out what differs between two builds of the same input, and what pip would refuse."""
    described = bento / "bento.yaml"
    lines = described.read_text(encoding="utf-8").splitlines(keepends=True)
    constant = [
        f"creation_time: '{CREATED}'\n" if line.startswith("creation_time:") else line for line in lines
    ]
    described.write_text("".join(constant), encoding="utf-8")
    # BentoML appends itself without a hash, which pip refuses beside hashed lines; the lock has it already.
    lock = source_directory(bento) / LOCK
    shutil.copyfile(lock, bento / "env" / "python" / "requirements.txt")


def _publish(bento: Path, store_dir: Path, digest: str) -> None:
    """Copy the bento beside its place and rename it, so that it is never seen half."""
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=store_dir) as folder:
        whole = Path(folder) / digest
        shutil.copytree(bento, whole)
        try:
            whole.rename(store_dir / digest)
        except OSError:
            # Another build of the same input was faster; by its name its content is the same.
            if not (store_dir / digest).is_dir():
                raise
