"""The folder that deploys a model in a cluster, made once from the template that the repository holds.

A hand-off changes nothing in it but ``release.yaml``; the other files are the model's own, and a person's
edits of them stay. A repository without the template, such as one for the process provider alone, needs none
of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from delivery.errors import HandOffRefused
from delivery.git import Git
from homeostat.release import RELEASES, cluster_name

TEMPLATE = Path("manifests/inference-service/template")
#: a folder that has this one was made before, and what it lacks was taken out on purpose
_MARK = "kustomization.yaml"


def missing_files(git: Git, tip: str, model: str) -> Mapping[str, str]:
    """The files, by path, that the folder of ``model`` still needs at the commit ``tip``.

    Raises:
        HandOffRefused: when the template names what no model has.
    """
    folder = (RELEASES / model).as_posix()
    there = set(_listed(git, tip, folder))
    if _MARK in there:
        return {}
    template = {name: git("show", f"{tip}:{TEMPLATE}/{name}") + "\n" for name in _listed(git, tip, TEMPLATE)}
    made = rendered(template, model)
    return {f"{folder}/{name}": text for name, text in made.items() if name not in there}


def write_folder(root: Path, model: str) -> tuple[Path, ...]:
    """Write the files that the folder of ``model`` in the working tree lacks; return them."""
    folder = root / RELEASES / model
    template = {
        path.name: path.read_text(encoding="utf-8") for path in sorted((root / TEMPLATE).glob("*.yaml"))
    }
    made = [(folder / name, text) for name, text in rendered(template, model).items()]
    written = tuple(path for path, _ in made if not path.exists())
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in made:
        if path in written:
            path.write_text(text, encoding="utf-8")
    return written


def rendered(template: Mapping[str, str], model: str) -> Mapping[str, str]:
    """The template's files for ``model``.

    >>> rendered({"a.yaml": "name: ${name} # of ${model}"}, "phishing_detector")
    {'a.yaml': 'name: phishing-detector # of phishing_detector'}

    Raises:
        HandOffRefused: when it names what no model has.
    """
    known = {"model": model, "name": cluster_name(model)}
    made: dict[str, str] = {}
    for name, text in template.items():
        try:
            made[name] = Template(text).substitute(known)
        except (KeyError, ValueError):
            raise HandOffRefused(
                f"{TEMPLATE}/{name} can't be filled in for {model}: it may name ${{model}} and ${{name}}, and"
                " a dollar sign is written $$."
            ) from None
    return made


def _listed(git: Git, tip: str, folder: str | Path) -> tuple[str, ...]:
    shown = git.attempt("ls-tree", "--name-only", f"{tip}:{folder}")
    return tuple(shown.stdout.splitlines()) if shown.returncode == 0 else ()
