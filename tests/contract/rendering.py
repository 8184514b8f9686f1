"""Kubernetes objects as Argo CD would make them from the overlays: by the pinned kustomize, offline.

Rendering happens in a copy of the manifests. There the example model gets its folder, written by the code
that a hand-off uses, Argo CD's own manifests are taken from its pinned Go module, and what would be fetched
from elsewhere is taken out and told (see ``not_rendered.py``).
"""

from __future__ import annotations

import atexit
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML

from delivery.model_folder import write_folder
from homeostat.release import GateResult, Outcome, Release, release_path, to_yaml
from tests.contract.go_modules import local_copy
from tests.contract.not_rendered import Remote
from tests.contract.overlays import EXAMPLE_MODEL, ROOT, Overlay
from tests.programs import find

LIMIT_SECONDS = 60
FOLDERS = ("manifests", "argocd", "alerting", "secrets")

Object = dict[str, Any]


class NotRenderedError(AssertionError):
    """kustomize refused an overlay; the message is what it said."""


@dataclass(frozen=True)
class Workshop:
    """A copy of the manifests in which all can be rendered offline."""

    root: Path
    kustomize: Path
    #: what was taken out of the copy
    remotes: Sequence[Remote]
    _rendered: dict[Overlay, Sequence[Object]] = field(default_factory=dict)

    def render(self, overlay: Overlay) -> Sequence[Object]:
        """The objects of ``overlay``; each is rendered once.

        Raises:
            NotRenderedError: when kustomize does not accept it.
        """
        if overlay not in self._rendered:
            self._rendered[overlay] = self._objects(overlay)
        return self._rendered[overlay]

    def attempt(self, overlay: Overlay) -> Sequence[Object]:
        """The objects, or none when kustomize refuses: the overlay's own test says so, the others go on."""
        try:
            return self.render(overlay)
        except NotRenderedError:
            return ()

    def _objects(self, overlay: Overlay) -> Sequence[Object]:
        path = self.root / overlay.path
        if path.is_file():
            return parse(path.read_text(encoding="utf-8"))
        if not overlay.components:
            return parse(self._build(path))
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f"{path.name}-") as name:
            folder = Path(name)
            shutil.copytree(path, folder, dirs_exist_ok=True)
            _add_components(folder, [self.root / component for component in overlay.components])
            return parse(self._build(folder))

    def _build(self, folder: Path) -> str:
        ran = subprocess.run(
            [self.kustomize, "build", folder],
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if ran.returncode != 0:
            raise NotRenderedError(ran.stderr.strip().replace(f"{self.root}/", ""))
        return ran.stdout


@cache
def workshop() -> Workshop:
    """The copy that all tests of this process share."""
    root = Path(tempfile.mkdtemp(prefix="homeostat-manifests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return open_workshop(ROOT, root)


def open_workshop(source: Path, root: Path) -> Workshop:
    """Copy the manifests of ``source`` to ``root`` and make them fit to be rendered offline."""
    for name in FOLDERS:
        if (source / name).is_dir():
            shutil.copytree(source / name, root / name)
    write_folder(root, EXAMPLE_MODEL)
    release = release_path(root, EXAMPLE_MODEL)
    if not release.exists():
        release.write_text(to_yaml(example_release()), encoding="utf-8")
    remotes = [
        Remote(path.relative_to(root), what)
        for path in sorted(root.rglob("kustomization.yaml"))
        for what in take_out_remotes(path)
    ]
    return Workshop(root, find("go", "kustomize"), tuple(remotes))


def take_out_remotes(path: Path) -> Sequence[str]:
    """Rewrite the kustomization without what it would fetch; return what is nowhere on this machine."""
    content = _read(path)
    charts = [f"chart {chart['name']}" for chart in content.pop("helmCharts", [])]
    resources = [str(resource) for resource in content.get("resources", [])]
    fetched = [resource for resource in resources if _is_remote(resource)]
    copies = {address: copied for address in fetched if (copied := _copy_in(address, path.parent))}
    if charts or fetched:
        kept = [resource for resource in resources if resource not in fetched]
        content["resources"] = [*kept, *copies.values()]
        _write(path, content)
    return [*charts, *(address for address in fetched if address not in copies)]


def _copy_in(address: str, folder: Path) -> str | None:
    """Put what lies behind ``address`` into the folder, if a pinned Go module holds it; return its name."""
    source = local_copy(address)
    if source is None:
        return None
    target = folder / f"upstream-{source.name}"
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(source, target)
    return target.name


def _is_remote(resource: str) -> bool:
    return "://" in resource or resource.startswith(("github.com/", "git@")) or "?ref=" in resource


def _add_components(folder: Path, components: Sequence[Path]) -> None:
    path = folder / "kustomization.yaml"
    content = _read(path)
    added = [os.path.relpath(component, folder) for component in components]
    content["components"] = [*content.get("components", []), *added]
    _write(path, content)


def _read(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    stream = io.StringIO()
    YAML(typ="safe", pure=True).dump(dict(content), stream)
    path.write_text(stream.getvalue(), encoding="utf-8")


class _Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: a date is a string, and '=' is one too."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value"}
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> Sequence[Object]:
    """The objects in a stream of YAML documents; the C parser, since definitions of resources are long."""
    return tuple(document for document in yaml.load_all(text, Loader=_Loader) if document)


def example_release() -> Release:
    """A release of the example model as a first hand-off would write it, never built."""
    return Release(
        model=EXAMPLE_MODEL,
        version=1,
        model_sha256="1" * 64,
        bento_digest="2" * 64,
        image_digest=f"sha256:{'0' * 64}",
        run_id="3" * 32,
        data_sha256="4" * 64,
        inputs_digest="5" * 64,
        source_commit="6" * 40,
        gates=(
            GateResult(name="accuracy", outcome=Outcome.PASSED, value=1.0, bound=0.9, sentence="An example."),
        ),
    )
