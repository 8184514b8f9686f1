"""Programs come from the first source that works, and it is said what each attempt came to."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from homeostat.errors import MachineError
from infra.programs.catalogue import CATALOGUE
from infra.programs.debian import Debian
from infra.programs.go_module import GoModule, program_version
from infra.programs.obtain import Programs, cache_folder
from infra.programs.on_path import OnPath
from infra.programs.program import DebianPackage, GoPackage, Program, Say, Unavailable
from infra.programs.version import Supported, find_version

SAID: list[str] = []
say: Say = SAID.append


def fake(folder: Path, name: str, output: str, code: int = 0) -> Path:
    """A program that prints ``output`` about itself."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{output}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def programs(tmp_path: Path, path: str = "", *more: object) -> Programs:
    return Programs(tmp_path / "programs", (OnPath(path), *more), CATALOGUE)


class Shelf:
    """A source that has a working program at hand, and counts how often it is asked."""

    name = "shelf"

    def __init__(self, path: Path) -> None:
        self.path, self.asked = path, 0

    def obtain(self, program: Program, say: Say) -> object:
        self.asked += 1
        return OnPath(str(self.path.parent), "shelf").obtain(program, say)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("prometheus, version 2.42.0+ds (branch: debian/sid)", (2, 42, 0)),
        ("Redis server v=7.0.15 sha=00000000:0", (7, 0, 15)),
        ("v8.30.1", (8, 30, 1)),
        ("version is set by build process", None),
    ],
)
def test_versions_are_found_in_what_programs_print(text: str, version: tuple[int, ...] | None) -> None:
    assert find_version(text) == version


@pytest.mark.parametrize("version", ["2.42.0", "2.53.4", "3.11.0"])
def test_a_program_on_path_in_the_supported_range_is_used(tmp_path: Path, version: str) -> None:
    path = fake(tmp_path / "bin", "prometheus", f"prometheus, version {version}")
    found = programs(tmp_path, str(tmp_path / "bin")).get("prometheus", say)
    assert (found.path, found.version, found.source) == (path, version, "path")


@pytest.mark.parametrize("version", ["2.41.9", "4.0.0"])
def test_a_program_outside_of_the_range_is_refused_with_the_range(tmp_path: Path, version: str) -> None:
    fake(tmp_path / "bin", "prometheus", f"prometheus, version {version}")
    with pytest.raises(MachineError, match=rf"is version {version}, and supported is >=2.42.0,<4.0.0"):
        programs(tmp_path, str(tmp_path / "bin")).get("prometheus", say)


def test_the_next_source_is_asked_when_the_program_on_path_is_broken(tmp_path: Path) -> None:
    fake(tmp_path / "bin", "amtool", "segmentation fault", code=139)
    shelf = Shelf(fake(tmp_path / "shelf", "amtool", "amtool, version 0.28.0"))
    found = programs(tmp_path, str(tmp_path / "bin"), shelf).get("amtool", say)
    assert (found.source, found.version) == ("shelf", "0.28.0")


def test_a_source_that_worked_is_not_searched_for_again(tmp_path: Path) -> None:
    shelf = Shelf(fake(tmp_path / "shelf", "amtool", "amtool, version 0.28.0"))
    for _ in range(2):
        programs(tmp_path, "", shelf).get("amtool", say)
    assert shelf.asked == 1
    assert [record.version for record in programs(tmp_path).in_use()] == ["0.28.0"]


def test_a_remembered_program_that_no_longer_works_is_searched_for_again(tmp_path: Path) -> None:
    shelf = Shelf(fake(tmp_path / "shelf", "amtool", "amtool, version 0.28.0"))
    programs(tmp_path, "", shelf).get("amtool", say)
    fake(tmp_path / "shelf", "amtool", "amtool, version 0.24.0")
    with pytest.raises(MachineError, match=r"is version 0\.24\.0"):
        programs(tmp_path, "", shelf).get("amtool", say)


def test_a_named_source_is_the_only_one_asked_and_is_not_remembered(tmp_path: Path) -> None:
    fake(tmp_path / "bin", "amtool", "amtool, version 0.25.0")
    shelf = Shelf(fake(tmp_path / "shelf", "amtool", "amtool, version 0.28.0"))
    there = programs(tmp_path, str(tmp_path / "bin"), shelf)
    assert there.get("amtool", say, "shelf").version == "0.28.0"
    assert there.get("amtool", say).version == "0.25.0"


def test_a_program_from_nowhere_is_told_with_every_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    sources = (Debian(tmp_path / "deb"), GoModule(tmp_path / "tools", tmp_path / "cache"))
    with pytest.raises(MachineError) as caught:
        programs(tmp_path, "", *sources).get("prometheus", say)
    told = str(caught.value).splitlines()
    assert told[0] == "prometheus (>=2.42.0,<4.0.0) could not be obtained:"
    assert told[1:3] == ["  path: it is not on PATH.", "  deb: apt-get is not on this machine."]
    assert told[3].startswith("  go: ")
    assert told[3].endswith("has no go.mod.")


def test_an_unknown_program_or_source_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="'promtol' is not a known program; did you mean 'promtool'"):
        programs(tmp_path).get("promtol", say)
    with pytest.raises(MachineError, match="'snap' is no source of programs: choose one of path"):
        programs(tmp_path).get("promtool", say, "snap")


def apt(folder: Path, script: str) -> str:
    """A PATH with an ``apt-get`` of ours and the system's other programs."""
    folder.mkdir(parents=True)
    (folder / "apt-get").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "apt-get").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_empty_package_lists_are_fetched_into_a_folder_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    fake(package / "usr" / "bin", "promtool", "promtool, version 2.42.0")
    (package / "DEBIAN").mkdir()
    (package / "DEBIAN" / "control").write_text(
        "Package: prometheus\nVersion: 2.42.0\nArchitecture: all\nMaintainer: Nobody <n@example.invalid>\n"
        "Description: a fake\n"
    )
    subprocess.run(["dpkg-deb", "--build", package, tmp_path / "fake.deb"], check=True, capture_output=True)
    lists = tmp_path / "fetched"
    script = f"""case "$*" in
      *Dir::State=*update) touch {lists};;
      *Dir::State=*download*) test -e {lists} && cp {tmp_path}/fake.deb .;;
      *) echo 'E: Unable to locate package prometheus' >&2; exit 100;;
    esac"""
    monkeypatch.setenv("PATH", apt(tmp_path / "bin", script))
    found = Debian(tmp_path / "deb").obtain(CATALOGUE["promtool"], say)
    assert (found.version, found.source) == ("2.42.0", "deb")


def test_package_lists_that_cannot_be_fetched_are_told_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "echo 'E: Unable to locate package prometheus' >&2; exit 100"
    monkeypatch.setenv("PATH", apt(tmp_path / "bin", script))
    with pytest.raises(MachineError, match=r"Unable to locate package prometheus.*run apt-get update"):
        programs(tmp_path, "", Debian(tmp_path / "deb")).get("promtool", say)


def test_a_full_disk_is_called_a_full_disk_and_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "touch half.deb; echo 'E: write error: No space left on device' >&2; exit 100"
    monkeypatch.setenv("PATH", apt(tmp_path / "bin", script))
    with pytest.raises(MachineError, match=r"deb: .*the disk full: make room"):
        programs(tmp_path, "", Debian(tmp_path / "deb")).get("promtool", say)
    assert list((tmp_path / "deb").iterdir()) == []


def test_the_cache_of_built_programs_lies_where_the_user_says(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "homeostat" / "programs"


COMPILED_IN = "/usr/share/program/templates"
READS_ITS_FOLDER = f"""#!/bin/sh
case $1 in --version) echo 2.42.0;; *) cat {COMPILED_IN}/greeting;; esac
"""


def test_a_program_with_a_compiled_in_folder_finds_it_where_it_was_unpacked(tmp_path: Path) -> None:
    package = DebianPackage("program", "usr/bin/program", compiled_in=COMPILED_IN)
    unpacked = tmp_path / "with space" / "program"
    for name, content in ((package.path, READS_ITS_FOLDER), (f"{COMPILED_IN[1:]}/greeting", "hello")):
        (unpacked / name).parent.mkdir(parents=True)
        (unpacked / name).write_text(content)
    program = Program("program", debian=package)
    found = Debian(tmp_path / "with space").obtain(program, say)
    assert found.version == "2.42.0"
    assert subprocess.check_output([found.path, "greet"], text=True) == "hello"


@pytest.mark.packages
def test_debians_alertmanager_starts_without_being_installed(tmp_path: Path) -> None:
    found = Debian(tmp_path).obtain(CATALOGUE["alertmanager"], say)
    (tmp_path / "config.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    command = [
        found.path,
        f"--config.file={tmp_path}/config.yml",
        f"--storage.path={tmp_path}/data",
        "--web.listen-address=127.0.0.1:0",
        "--cluster.listen-address=",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as started:
        try:
            assert any("Listening on" in line for line in started.stderr)
        finally:
            started.kill()


@pytest.mark.packages
@pytest.mark.parametrize("name", ["promtool", "redis-server"])
def test_debian_packages_are_fetched_and_run_without_being_installed(tmp_path: Path, name: str) -> None:
    found = Debian(tmp_path).obtain(CATALOGUE[name], say)
    assert found.path.is_relative_to(tmp_path)
    assert find_version(found.version) in CATALOGUE[name].supported


needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on PATH")

HELLO = """package main

import "fmt"

var version = "unset"

func main() { fmt.Println("hello", version) }
"""


def pinned_hello(tools: Path, version: str) -> Program:
    """A module that pins a program which lies beside it, so that the build needs no network."""
    module = tools / "hello"
    (module / "source").mkdir(parents=True, exist_ok=True)
    (module / "go.mod").write_text(
        "module tools\n\ngo 1.21\n\n"
        f"require example.invalid/hello {version}\n\nreplace example.invalid/hello => ./source\n"
    )
    (module / "source" / "go.mod").write_text("module example.invalid/hello\n\ngo 1.21\n")
    (module / "source" / "main.go").write_text(HELLO)
    package = GoPackage("hello", "example.invalid/hello", "example.invalid/hello", "main.version")
    return Program("hello", supported=Supported((1, 0, 0), (2, 0, 0)), go=package)


@needs_go
@pytest.mark.go
def test_a_pinned_go_module_is_built_once_and_tells_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = pinned_hello(tmp_path / "tools", "v1.2.3")
    source = GoModule(tmp_path / "tools", tmp_path / "cache")
    built = source.obtain(program, say)
    assert subprocess.check_output([built.path], text=True) == "hello 1.2.3\n"
    monkeypatch.setenv("PATH", "/nowhere")  # a second build would fail
    assert source.obtain(program, say) == built


@needs_go
@pytest.mark.go
def test_other_pins_are_built_anew(tmp_path: Path) -> None:
    source = GoModule(tmp_path / "tools", tmp_path / "cache")
    old = source.obtain(pinned_hello(tmp_path / "tools", "v1.2.3"), say)
    new = source.obtain(pinned_hello(tmp_path / "tools", "v1.3.0"), say)
    assert (old.version, new.version) == ("1.2.3", "1.3.0")
    assert old.path != new.path


@needs_go
@pytest.mark.go
def test_go_source_that_does_not_compile_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    program = pinned_hello(tmp_path / "tools", "v1.2.3")
    (tmp_path / "tools" / "hello" / "source" / "main.go").write_text("package main\n")
    with pytest.raises(Unavailable, match="go build failed"):
        GoModule(tmp_path / "tools", tmp_path / "cache").obtain(program, say)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("module", "version"), [("v0.315.0", "3.15.0"), ("v0.305.1", "3.5.1"), ("v0.300.0-rc.1", "3.0.0")]
)
def test_the_version_of_prometheus_is_read_from_that_of_its_module(module: str, version: str) -> None:
    package = CATALOGUE["prometheus"].go
    assert package
    assert program_version(package, module) == version
