"""What a commit changed, and what therefore has to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from delivery.git import Git
from homeostat.release import RELEASES

#: what hand-offs write: models' releases with the folders that deploy them, and the digests of our own images
_DEPLOYS = (f"/{RELEASES}/*/*", "/manifests/*/image/kustomization.yaml")
#: one change here may change the outcome of any test
_EVERYWHERE = ("pyproject.toml", "requirements/dev.txt")


def only_releases(paths: Iterable[str]) -> bool:
    """Whether nothing but releases changed, of models or of our own images.

    Such a commit deploys and starts no pipeline.

    >>> only_releases(["manifests/models/phishing_detector/release.yaml"])
    True
    >>> only_releases(["manifests/mlflow/image/kustomization.yaml"])
    True
    >>> only_releases(["manifests/models/phishing_detector/release.yaml", "README.md"])
    False
    >>> only_releases([])
    False
    """
    found = tuple(paths)
    return bool(found) and all(
        any(PurePosixPath("/", path).match(pattern) for pattern in _DEPLOYS) for path in found
    )


def changed_paths(git: Git, base: str | None, commit: str) -> tuple[str, ...]:
    """What ``commit`` changed since ``base``; every path it holds when there is no base."""
    if base is None:
        listed = git("ls-tree", "-r", "-z", "--name-only", commit)
        return tuple(path for path in listed.split("\0") if path)
    return git.paths_changed(base, commit)


def python_scopes(paths: Sequence[str]) -> tuple[str, ...]:
    """The folders whose types must be checked: a model's own, or ``.`` for the whole; none without Python.

    >>> python_scopes(["model-source/phishing_detector/train.py", "README.md"])
    ('model-source/phishing_detector',)
    >>> python_scopes(["model-source/phishing_detector/train.py", "homeostat/digest.py"])
    ('.',)
    """
    relevant = [path for path in paths if path.endswith((".py", ".pyi")) or path in _EVERYWHERE]
    scopes = {_model_folder(path) or "." for path in relevant}
    return (".",) if "." in scopes else tuple(sorted(scopes))


def unit_test_folders(paths: Sequence[str], root: Path) -> tuple[str, ...]:
    """The folders with the unit tests of what changed, as far as they exist below ``root``.

    The rule: a model's folder is tested by its own ``tests``; ``model-source/ct`` by ``tests/unit/ct``; any
    other top-level folder by ``tests/unit/<folder>``; a test by its own folder; the lock and
    ``pyproject.toml`` by all of ``tests/unit``. What maps to no folder has no unit tests.
    """
    wanted = {folder for path in paths if (folder := _tests_of(path))}
    if "tests/unit" in wanted:
        wanted = {folder for folder in wanted if not folder.startswith("tests/unit/")}
    return tuple(sorted(folder for folder in wanted if (root / folder).is_dir()))


def _tests_of(path: str) -> str | None:
    parts = PurePosixPath(path).parts
    if path in _EVERYWHERE:
        return "tests/unit"
    if len(parts) < 2:
        return None
    if model := _model_folder(path):
        return f"{model}/tests"
    if parts[0] == "model-source":
        return "tests/unit/ct"
    if parts[0] == "tests":
        return "/".join(parts[:3]) if parts[1] == "unit" and len(parts) > 3 else None
    return f"tests/unit/{parts[0]}"


def _model_folder(path: str) -> str | None:
    parts = PurePosixPath(path).parts
    inside_model = len(parts) > 2 and parts[0] == "model-source" and parts[1] != "ct"
    return "/".join(parts[:2]) if inside_model else None
