from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from infra.local.gitops import forge_server
from infra.local.gitops.errors import ForgeError
from infra.local.gitops.forge import commit_files, ensure_forge, read_file
from infra.local.gitops.git import Git, neutral_environment
from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import await_


def silent(_: str) -> None:
    pass


def git(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=neutral_environment(os.environ)
        | {
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@localhost",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@localhost",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=work")
    (folder / "file").write_text("one\n", encoding="utf-8")
    # not compressible, so that a clone is more than one chunk
    (folder / "large").write_bytes(os.urandom(1 << 20))
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    return folder


@pytest.fixture
def forge(tmp_path: Path, checkout: Path) -> Path:
    bare = tmp_path / "forge" / "homeostat.git"
    ensure_forge(bare, checkout, silent)
    return bare


@contextmanager
def served(forge: Path) -> Iterator[str]:
    port = any_free_port()
    server = subprocess.Popen(forge_server.argv(forge, LOOPBACK, port))
    try:
        with httpx.Client(trust_env=False, base_url=f"http://{LOOPBACK}:{port}") as http:

            def ready() -> bool:
                assert server.poll() is None
                try:
                    return http.get("/healthz").is_success
                except httpx.TransportError:
                    return False

            await_("the forge is served", ready)
        yield forge_server.url(forge, LOOPBACK, port)
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_main_is_the_head_of_the_checkout_whatever_its_branch_is_called(forge: Path, checkout: Path):
    assert Git(forge).commit_of("refs/heads/main") == git(checkout, "rev-parse", "HEAD")


def test_made_again_it_changes_nothing_and_says_how_to_deploy_what_it_lacks(forge: Path, checkout: Path):
    said: list[str] = []
    assert ensure_forge(forge, checkout, said.append) == []
    assert said == []
    before = Git(forge).commit_of("refs/heads/main")
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", "two")
    assert ensure_forge(forge, checkout, said.append) == []
    assert Git(forge).commit_of("refs/heads/main") == before
    assert "git push" in said[0]


def test_a_shallow_checkout_will_do(tmp_path: Path, checkout: Path):
    git(checkout, "commit", "--quiet", "--allow-empty", "-m", "two")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{checkout}", "shallow")
    bare = tmp_path / "other.git"
    assert ensure_forge(bare, tmp_path / "shallow", silent)
    assert read_file(bare, "file") == "one\n"


def test_a_folder_without_a_commit_is_refused_in_a_sentence(tmp_path: Path):
    git(tmp_path, "init", "--quiet", "empty")
    with pytest.raises(ForgeError, match="has no commit"):
        ensure_forge(tmp_path / "forge.git", tmp_path / "empty", silent)


def test_the_platform_commits_files_without_a_checkout(forge: Path):
    before = Git(forge).commit_of("refs/heads/main")
    commit = commit_files(forge, {"manifests/a.yaml": "a: 1\n"}, "Name the images")
    assert commit == Git(forge).commit_of("refs/heads/main")
    assert Git(forge)("rev-parse", f"{commit}^") == before
    assert read_file(forge, "manifests/a.yaml") == "a: 1\n"
    assert read_file(forge, "file") == "one\n"


def test_what_is_in_git_already_makes_no_commit(forge: Path):
    assert commit_files(forge, {"file": "one\n"}, "Nothing") is None


def test_a_clone_over_http_is_the_whole_of_main(forge: Path, checkout: Path, tmp_path: Path):
    with served(forge) as url:
        git(tmp_path, "clone", "--quiet", url, "cloned")
        assert git(tmp_path / "cloned", "rev-parse", "HEAD") == git(checkout, "rev-parse", "HEAD")
        commit_files(forge, {"file": "two\n"}, "Two")
        git(tmp_path / "cloned", "pull", "--quiet")
        assert (tmp_path / "cloned" / "file").read_text(encoding="utf-8") == "two\n"


def test_nothing_is_pushed_over_http(forge: Path, checkout: Path):
    with served(forge) as url, pytest.raises(AssertionError, match="403"):
        git(checkout, "push", url, "HEAD:refs/heads/other")
    assert Git(forge).commit_of("refs/heads/other") is None


@pytest.mark.parametrize(
    "path",
    [
        "/homeostat.git/HEAD",
        "/homeostat.git/objects/info/packs",
        "/homeostat.git/git-receive-pack",
        "/../homeostat.git/config",
        "/homeostat.git/..%2f..%2fetc/passwd",
        "/other.git/info/refs?service=git-upload-pack",
        "/homeostat.git/info/refs",
        "/homeostat.git/info/refs?service=git-receive-pack",
    ],
)
def test_no_other_path_and_no_other_service_is_answered(forge: Path, path: str):
    with served(forge) as url, httpx.Client(trust_env=False) as http:
        answer = http.get(url.removesuffix("/homeostat.git") + path)
        assert answer.status_code in {403, 404, 405}


def test_an_endless_request_is_refused(forge: Path):
    with served(forge) as url, httpx.Client(trust_env=False) as http:
        answer = http.post(f"{url}/git-upload-pack", content=b"0" * (9 << 20))
        assert answer.status_code == 413


def test_clients_that_hang_up_early_are_in_nobodys_way(forge: Path):
    with served(forge) as url:
        port = int(url.split(":")[2].split("/")[0])
        want = Git(forge)("rev-parse", "HEAD")
        body = f"0032want {want}\n00000009done\n".encode()
        kind = "application/x-git-upload-pack-request"
        head = f"Host: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        for _ in range(40):
            with socket.create_connection((LOOPBACK, port)) as asking:
                asking.sendall(f"POST /homeostat.git/git-upload-pack HTTP/1.1\r\n{head}".encode() + body)
            with socket.create_connection((LOOPBACK, port)) as asking:
                asking.sendall(
                    b"GET /homeostat.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: x\r\n\r\n"
                )
        for _ in range(20):
            assert want in git(forge, "ls-remote", url)
