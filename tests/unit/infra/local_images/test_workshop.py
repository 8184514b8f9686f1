"""What did not change is not made again, and a failure is one sentence.

buildah is played by a script that writes down how it was called; tests/cluster has the real one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from homeostat.digest import of_bytes
from infra.local.images.context import Context
from infra.local.images.errors import ImageError
from infra.local.images.record import Built
from infra.local.images.workshop import Workshop
from infra.programs.obtain import standard_programs

#: pushes an image of one configuration, known by what was built, and no layer
BUILDAH = """#!/usr/bin/python3
import hashlib, json, os, pathlib, subprocess, sys
arguments = sys.argv[1:]
if arguments == ["--version"]:
    sys.exit(print("buildah version 1.28.2"))
with open(os.environ["CALLS"], "a") as calls:
    print(next(word for word in arguments if word in ("rm", "build", "push")), file=calls)
if "build" in arguments:
    subprocess.run(os.environ.get("MEANWHILE", "true"), shell=True, check=True)
    recipe = next(word.split("=")[1] for word in arguments if word.startswith("--file="))
    files = sorted(path for path in pathlib.Path(arguments[-1]).rglob("*") if path.is_file())
    content = b"".join(path.read_bytes() for path in (pathlib.Path(recipe), *files))
    pathlib.Path(os.environ["CALLS"]).with_name("made-of").write_bytes(content)
if "build" in arguments and os.environ.get("BROKEN"):
    print("E: Unable to locate package x\\nError: building at STEP one: exit status 100")
    sys.exit(1)
if "push" in arguments:
    blobs = pathlib.Path(arguments[-1].split(":")[1]) / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    made_of = pathlib.Path(os.environ["CALLS"]).with_name("made-of")
    holds = hashlib.sha256(made_of.read_bytes()).hexdigest()
    config = {"mediaType": "x", "digest": "sha256:" + holds, "size": 5}
    content = json.dumps({"config": config, "layers": []}).encode()
    digest = hashlib.sha256(content).hexdigest()
    (blobs / digest).write_bytes(content)
    told = next(word for word in arguments if word.startswith("--digestfile="))
    pathlib.Path(told.split("=")[1]).write_text("sha256:" + digest)
"""
UNDER = Built(name="base", inputs="i", digest="sha256:" + of_bytes(b"base"), size_bytes=1, seconds=1.0)


class Bench:
    def __init__(self, folder: Path) -> None:
        programs = standard_programs(folder, folder / "programs")
        self.workshop = Workshop(folder / "workshop", programs)
        self.calls = folder / "calls"
        self.said: list[str] = []
        self.recipe = folder / "recipe"
        self.recipe.mkdir()
        (self.recipe / "Containerfile").write_text("FROM scratch\n")
        self.source = folder / "source"
        self.source.mkdir()
        (self.source / "code.py").write_text("x = 1\n")

    def make(self, under: Built = UNDER) -> Built:
        return self.workshop.image(
            "docker.io/a:1", self.recipe, Context({"app": self.source}), under, self.said.append
        )

    @property
    def builds(self) -> int:
        return self.calls.read_text().split().count("build")


@pytest.fixture
def bench(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    for name, text in {
        "buildah": BUILDAH,
        # without root there are no mounts of one's own
        "unshare": '#!/bin/sh\nshift 2\nexec "$@"\n',
        "apt-get": "#!/bin/sh\necho http://mirror.invalid/debian/ Debian main\n",
        "apt-config": "#!/bin/sh\n",
    }.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    (tmp_path / "trusted.crt").touch()
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "trusted.crt"))
    return Bench(tmp_path)


def test_the_second_run_builds_nothing_and_knows_the_same_digest(bench):
    assert bench.make() == bench.make()
    assert bench.builds == 1
    told = [line.split()[0] for line in bench.said if "docker.io/a:1" in line]
    assert told == ["building", "built"]


def change_recipe(bench: Bench) -> Built:
    (bench.recipe / "Containerfile").write_text("FROM scratch\nUSER 1\n")
    return UNDER


def change_companion(bench: Bench) -> Built:
    (bench.recipe / "entrypoint.sh").write_text("#!/bin/sh\n")
    return UNDER


def change_source(bench: Bench) -> Built:
    (bench.source / "code.py").write_text("x = 2\n")
    return UNDER


def change_base(bench: Bench) -> Built:
    return UNDER.model_copy(update={"digest": "sha256:" + of_bytes(b"newer")})


@pytest.mark.parametrize("change", [change_recipe, change_companion, change_source, change_base])
def test_whatever_goes_in_makes_it_anew_when_it_changes(bench, change):
    bench.make()
    bench.make(change(bench))
    assert bench.builds == 2


def test_sources_that_change_while_it_is_built_are_not_in_it(bench, monkeypatch):
    made = bench.make()
    (bench.workshop.folder / "records" / "docker.io_a_1").rename(bench.source.parent / "records")
    monkeypatch.setenv(
        "MEANWHILE", f"echo x = 2 >>{bench.source}/code.py; echo RUN >>{bench.recipe}/Containerfile"
    )
    again = bench.make()
    assert (again.inputs, again.digest) == (made.inputs, made.digest)
    monkeypatch.delenv("MEANWHILE")
    changed = bench.make()
    assert changed.inputs != made.inputs
    assert changed.digest != made.digest
    assert bench.builds == 3


def test_an_image_that_is_gone_is_made_again(bench):
    digest = bench.make().digest
    (bench.workshop.folder / "layout" / "blobs" / "sha256" / digest.partition(":")[2]).unlink()
    bench.make()
    assert bench.builds == 2


def test_a_failed_build_is_told_by_its_reason_and_kept_by_no_record(bench, monkeypatch):
    monkeypatch.setenv("BROKEN", "yes")
    with pytest.raises(
        ImageError, match=r"building docker.io/a:1 failed: E: Unable to locate package x \(see "
    ):
        bench.make()
    monkeypatch.delenv("BROKEN")
    assert bench.make().size_bytes == 5


def test_nothing_of_a_build_is_left_but_what_it_made(bench):
    bench.make()
    assert sorted(path.name for path in bench.workshop.folder.iterdir()) == [
        "buildah", "layout", "lock", "logs", "records",
    ]  # fmt: skip


def test_a_damaged_record_is_no_record(bench):
    bench.make()
    (record,) = (bench.workshop.folder / "records").rglob("*.json")
    record.write_text(json.dumps({"name": "half"}))
    bench.make()
    assert bench.builds == 2
