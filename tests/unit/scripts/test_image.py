"""What is pushed was judged first, and the release learns the digest that the registry knows.

``docker`` and ``trivy`` are played by scripts that write down how they were called: neither a daemon nor a
vulnerability database is at hand in a test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "image.sh"
BENTO, PUSHED, OTHER = "b" * 64, "sha256:" + "c" * 64, "sha256:" + "d" * 64
DOCKER = f"""#!/bin/sh
echo "docker $1" >>"$CALLS"
[ "$1" != build ] || echo "$3" >"$CALLS.dockerfile"
[ "$1" != image ] || printf '%s\\n' "other.invalid/x@{OTHER}" \\
    "registry.invalid/us/phishing-detector@{PUSHED}" "registry.invalid/us/triage@{PUSHED}"
"""
PIN = """\
images:
  - name: homeostat/other
    digest: sha256:00
  - name: homeostat/triage
    digest: {pushed}
"""


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "results" / "phishing_detector" / "package.json"
        self.package.parent.mkdir(parents=True)
        self.package.write_text(json.dumps({"bento_digest": BENTO, "image_digest": None}))
        (folder / "bentos" / BENTO / "env" / "docker").mkdir(parents=True)
        self.program("docker", DOCKER)
        self.program("trivy", '#!/bin/sh\necho "trivy $1" >>"$CALLS"\n')

        self.pin = self._repository()

    def _repository(self) -> Path:
        """A repository with one image of ours, the one for models, and the stand-in."""
        repository = self.folder / "repository"
        for name in ("triage", "model", "kserve-stand-in"):
            (repository / "images" / name).mkdir(parents=True)
            (repository / "images" / name / "Containerfile").touch()
        (repository / "scripts").mkdir()
        shutil.copy(SCRIPT, repository / "scripts" / "image.sh")
        self.program("git", "#!/bin/sh\necho 0123456789\n")
        pin = repository / "manifests" / "triage" / "image" / "kustomization.yaml"
        pin.parent.mkdir(parents=True)
        pin.write_text(PIN.format(pushed="sha256:00"))
        return pin

    def program(self, name: str, text: str) -> None:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run(self, *registry: str) -> subprocess.CompletedProcess[str]:
        return self._run(SCRIPT, self.folder / "results", self.folder / "bentos", *registry)

    def run_own(self, *registry: str) -> subprocess.CompletedProcess[str]:
        return self._run(self.folder / "repository" / "scripts" / "image.sh", "--own", *registry)

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=os.environ
            | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(self.folder / "calls")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def digest(self) -> str | None:
        return json.loads(self.package.read_text())["image_digest"]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_an_image_is_judged_before_it_is_pushed_and_its_digest_is_kept(machine):
    done = machine.run("registry.invalid/us")
    assert done.returncode == 0, done.stderr
    assert machine.calls == ["docker build", "trivy image", "docker push", "docker image"]
    assert machine.digest == PUSHED
    assert json.loads(machine.package.read_text())["bento_digest"] == BENTO


@pytest.mark.parametrize("own", [None, "model-source/phishing_detector/Dockerfile"])
def test_an_image_is_made_by_the_models_own_dockerfile_where_it_has_one(machine, own):
    machine.package.write_text(json.dumps({"bento_digest": BENTO, "image_digest": None, "dockerfile": own}))
    assert machine.run().returncode == 0
    used = (machine.folder / "calls.dockerfile").read_text().strip()
    assert used == (own or str(ROOT / "images" / "model" / "Containerfile"))


def test_a_model_without_its_own_dockerfile_is_named_as_in_a_cluster(machine):
    assert f"phishing-detector:{BENTO} passed" in machine.run().stdout


def test_our_own_images_are_judged_pushed_and_pinned_in_the_manifests(machine):
    done = machine.run_own("registry.invalid/us")
    assert done.returncode == 0, done.stderr
    assert machine.calls == ["docker build", "trivy image", "docker push", "docker image"]
    assert machine.pin.read_text() == PIN.format(pushed=PUSHED)


def test_the_stand_in_is_no_image_for_a_registry(machine):
    assert "kserve-stand-in" not in machine.run_own().stdout


def test_a_vulnerable_image_is_not_pushed(machine):
    machine.program("trivy", "#!/bin/sh\nexit 1\n")
    assert machine.run("registry.invalid/us").returncode != 0
    assert machine.calls == ["docker build"]
    assert machine.digest is None


def test_without_a_registry_it_says_that_nothing_was_pushed(machine):
    done = machine.run()
    assert done.returncode == 0
    assert "was not pushed" in done.stdout
    assert machine.digest is None


def test_a_package_without_its_bento_is_refused(machine):
    machine.package.write_text(json.dumps({"bento_digest": "e" * 64}))
    done = machine.run()
    assert done.returncode == 4
    assert "is not in" in done.stderr
    assert machine.calls == []


def test_nothing_packaged_is_no_error(machine):
    machine.package.unlink()
    done = machine.run()
    assert (done.returncode, machine.calls) == (0, [])
    assert "no model was packaged" in done.stdout
