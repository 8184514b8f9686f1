"""The repository works behind any mirror and in any folder, and its README's commands exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

#: where packages come from is the machine's choice (pip, uv, apt, Go and Docker each have a setting for it);
#: written in pieces, since this file is read as well
REGISTRIES = re.compile(
    "|".join(
        (
            r"(?:\w+\.)*py" + r"pi\.(?:org|io)|files\.python" + r"hosted\.org",
            r"(?:proxy|sum)\.go" + r"lang\.org|index\.cra" + r"tes\.io|static\.cra" + r"tes\.io",
            r"registry\.n" + r"pmjs\.org|repo1?\.mav" + r"en\.(?:org|apache\.org)",
            r"(?:\w+\.)*deb" + r"ian\.org|archive\.ubu" + r"ntu\.com",
            r"gh" + r"cr\.io|qu" + r"ay\.io|(?:registry-1|index)\.doc" + r"ker\.io|gcr" + r"\.io",
        )
    )
)
#: a home, a checkout or a scratch folder of one machine; every runner that GitHub hosts has the one exempt
MACHINE_PATHS = re.compile(r"(?<![\w.$}/-])/(?:home/(?!runner/)|Users/|ro" + r"ot/|wo" + r"rk/)[\w.-]+")
#: lines whose subject is such a path or host, each with its why
ALLOWED: dict[str, str] = {
    "infra/local/images/catalogue.py": "the image of Argo CD has no shorter name",
    "infra/local/images/recipes/argocd/Containerfile": "Argo CD's manifests mount volumes below that home",
    "argocd/install/base/kustomization.yaml": "the image of Argo CD has no shorter name",
    "ansible/roles/kube_vip/defaults/main.yml": "kube-vip has its image in that one alone",
    "ansible/roles/k3s_release/tasks/folder.yml": "kube-vip's image has to come from somewhere else then",
    "docs/reference/cluster-yaml.md": "how to take kube-vip's image along",
    "infra/playbooks/release_folder.py": "kube-vip's image has to come from somewhere else then",
    "tests/unit/infra/playbooks/test_checkups.py": "the same, tested",
    "tests/unit/infra/playbooks/test_release_role.py": "the same, tested",
    "tests/homelab/test_reset.py": "the home of a user on hosts that the lab makes",
    "renovate.json": "the image of Argo CD has no shorter name",
    "manifests/github-runner/overlays/homelab/runner.yaml": "GitHub has its runner in its own registry alone",
    "manifests/kserve/overlays/homelab/kustomization.yaml": "KServe has its charts in that one alone",
    "manifests/kserve-crds/overlays/homelab/kustomization.yaml": "KServe has its charts in that one alone",
    "policies/rules/image_versions_test.rego": "the rule is about names of images, with a host and without",
}


def tracked() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT).as_posix()
        found += [(f"{name}:{number}", line) for number, line in enumerate(text.splitlines(), 1)]
    return found


@pytest.mark.parametrize(
    "unwanted", [REGISTRIES, MACHINE_PATHS], ids=["registry hosts", "paths of one machine"]
)
def test_no_file_names(unwanted):
    found = [f"{where}: {match[0]}" for where, line in lines() if (match := unwanted.search(line))]
    assert [line for line in found if line.partition(":")[0] not in ALLOWED] == []


def test_every_exception_is_needed():
    named = {
        where.partition(":")[0]
        for where, line in lines()
        if REGISTRIES.search(line) or MACHINE_PATHS.search(line)
    }
    assert set(ALLOWED) - named == set()


@pytest.mark.parametrize(
    "line", ["see /ro" + "ot/.cache", "cd /ho" + "me/me/clone", "--index-url=https://py" + "pi.org/simple"]
)
def test_such_a_line_would_be_found(line):
    assert REGISTRIES.search(line) or MACHINE_PATHS.search(line)


def test_every_make_target_of_the_documents_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        # at the start of a line or in backticks it is a command; elsewhere "make" is a word
        named = set(re.findall(r"(?:^ *|`)make ([a-z-]+)", document.read_text(), re.MULTILINE))
        assert named <= targets, document


def test_every_link_of_the_documents_leads_somewhere():
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
            assert "://" in link or (document.parent / link).exists(), f"{document}: {link}"


def test_help_lists_every_target_that_a_person_runs():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    for verb in ("setup", "demo", "up", "down", "status", "test", "check"):
        assert f"make {verb} " in done.stdout
