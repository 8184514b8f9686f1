"""A small GitHub over real HTTP: what triage reads of runs, and where it posts.

It answers the API's paths as GitHub does, with ``/api/v3`` in front as GitHub Enterprise has it or without.
A test puts what it needs into :class:`GitHubServer` and looks there for what was posted; a path that is not
known is a 404. ``add`` teaches it another path.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

#: status, headers, body
Reply = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    """One call as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    match: re.Match[str] | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


Answer = Callable[[Asked], Reply]


def as_json(content: object, status: int = 200, **headers: str) -> Reply:
    return (
        status,
        {"content-type": "application/json; charset=utf-8", **headers},
        json.dumps(content).encode(),
    )


@dataclass
class GitHubServer:
    """Its contents; every container may be changed while it serves."""

    url: str = ""
    #: by repository and run id
    runs: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    #: by run id and attempt
    jobs: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    #: by job id
    logs: dict[int, str] = field(default_factory=dict)
    #: by path and ref
    files: dict[tuple[str, str], str] = field(default_factory=dict)
    #: by "base...head"
    comparisons: dict[str, dict[str, Any]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    #: by what they are on: "commits/<sha>" or "issues/<number>"
    comments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    dispatched: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    #: a part of a path -> what is answered instead
    broken: dict[str, Reply] = field(default_factory=dict)
    #: what a caller has to show; None lets everybody in
    token: str | None = None
    _routes: list[tuple[str, re.Pattern[str], Answer]] = field(default_factory=list)

    def __post_init__(self) -> None:
        repository = r"/repos/(?P<owner>[^/]+)/(?P<name>[^/]+)"
        self.add("GET", rf"{repository}/actions/runs/(?P<run>\d+)", self._run)
        self.add("GET", rf"{repository}/actions/runs/(?P<run>\d+)/attempts/(?P<attempt>\d+)", self._run)
        self.add("GET", rf"{repository}/actions/runs/(?P<run>\d+)/attempts/(?P<attempt>\d+)/jobs", self._jobs)
        self.add("GET", rf"{repository}/actions/runs/(?P<run>\d+)/logs", self._archive)
        self.add("GET", rf"{repository}/actions/workflows/(?P<workflow>\d+)/runs", self._workflow_runs)
        self.add("GET", rf"{repository}/actions/jobs/(?P<job>\d+)/logs", self._log_address)
        self.add("GET", r"/_logs/(?P<job>\d+)", self._log)
        self.add("GET", rf"{repository}/contents/(?P<path>.+)", self._content)
        self.add("GET", rf"{repository}/compare/(?P<span>.+)", self._compare)
        self.add("GET", rf"{repository}/issues", lambda _asked: as_json(self.issues))
        self.add("POST", rf"{repository}/issues", self._open_issue)
        self.add("PATCH", rf"{repository}/issues/(?P<number>\d+)", self._edit_issue)
        for on in (r"commits/[0-9a-f]+", r"issues/\d+"):
            self.add("GET", rf"{repository}/(?P<on>{on})/comments", self._comments)
            self.add("POST", rf"{repository}/(?P<on>{on})/comments", self._comment)
        self.add("GET", r"/search/issues", self._search)
        self.add("POST", rf"{repository}/dispatches", self._dispatch)

    def add(self, method: str, path: str, answer: Answer) -> None:
        """Teach it a path, a regular expression without the anchors; a later one wins."""
        self._routes.insert(0, (method, re.compile(path), answer))

    def answer(self, asked: Asked) -> Reply:
        """What is answered to a call."""
        self.asked.append(asked)
        for part, reply in self.broken.items():
            if part in asked.path:
                return reply
        path = asked.path.removeprefix("/api/v3")
        if self.token and not path.startswith("/_logs/"):
            shown = asked.headers.get("authorization", "").split(" ")[-1]
            if shown != self.token:
                return as_json({"message": "Bad credentials"}, 401)
        for method, pattern, answer in self._routes:
            if method == asked.method and (match := pattern.fullmatch(path)):
                return answer(Asked(asked.method, asked.path, asked.query, asked.headers, asked.body, match))
        return as_json({"message": "Not Found"}, 404)

    def _run(self, asked: Asked) -> Reply:
        found = self.runs.get((_repository(asked), int(_part(asked, "run"))))
        return as_json(found) if found else as_json({"message": "Not Found"}, 404)

    def _jobs(self, asked: Asked) -> Reply:
        found = self.jobs.get((int(_part(asked, "run")), int(_part(asked, "attempt"))), [])
        return as_json({"total_count": len(found), "jobs": found})

    def _workflow_runs(self, asked: Asked) -> Reply:
        of_repository = [run for (name, _), run in self.runs.items() if name == _repository(asked)]
        found = [
            run
            for run in of_repository
            if str(run.get("workflow_id")) == _part(asked, "workflow")
            and asked.query.get("branch") in {None, run.get("head_branch")}
            and asked.query.get("status") in {None, run.get("status"), run.get("conclusion")}
        ]
        found.sort(key=lambda run: run["id"], reverse=True)
        return as_json({"total_count": len(found), "workflow_runs": found})

    def _log_address(self, asked: Asked) -> Reply:
        job = int(_part(asked, "job"))
        if job not in self.logs:
            return as_json({"message": "Not Found"}, 404)
        # GitHub answers with an address that needs no token and lives for a minute
        return 302, {"location": f"{self.url}/_logs/{job}?sig=of-the-moment"}, b""

    def _log(self, asked: Asked) -> Reply:
        return 200, {"content-type": "text/plain"}, self.logs[int(_part(asked, "job"))].encode()

    def _archive(self, asked: Asked) -> Reply:
        del asked
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for job, text in self.logs.items():
                archive.writestr(f"{job}.txt", text)
        return 200, {"content-type": "application/zip"}, packed.getvalue()

    def _content(self, asked: Asked) -> Reply:
        text = self.files.get((unquote(_part(asked, "path")), asked.query.get("ref", "main")))
        if text is None:
            return as_json({"message": "Not Found"}, 404)
        if "raw" in asked.headers.get("accept", ""):
            return 200, {"content-type": "text/plain"}, text.encode()
        content = base64.b64encode(text.encode()).decode()
        return as_json({"type": "file", "encoding": "base64", "size": len(text), "content": content})

    def _compare(self, asked: Asked) -> Reply:
        found = self.comparisons.get(unquote(_part(asked, "span")))
        return as_json(found) if found else as_json({"message": "Not Found"}, 404)

    def _open_issue(self, asked: Asked) -> Reply:
        number = len(self.issues) + 1
        self.issues.append({"number": number, "id": number, "state": "open", **asked.json})
        return as_json(self.issues[-1], 201)

    def _edit_issue(self, asked: Asked) -> Reply:
        issue = next((one for one in self.issues if str(one["number"]) == _part(asked, "number")), None)
        if issue is None:
            return as_json({"message": "Not Found"}, 404)
        issue.update(asked.json)
        return as_json(issue)

    def _comments(self, asked: Asked) -> Reply:
        return as_json(self.comments.get(_part(asked, "on"), []))

    def _comment(self, asked: Asked) -> Reply:
        kept = self.comments.setdefault(_part(asked, "on"), [])
        kept.append({"id": sum(map(len, self.comments.values())) + 1, **asked.json})
        return as_json(kept[-1], 201)

    def _search(self, asked: Asked) -> Reply:
        words = [word for word in asked.query.get("q", "").split() if ":" not in word]
        found = [one for one in self.issues if all(word.strip('"') in json.dumps(one) for word in words)]
        return as_json({"total_count": len(found), "items": found})

    def _dispatch(self, asked: Asked) -> Reply:
        self.dispatched.append(asked.json)
        return 204, {}, b""


def _part(asked: Asked, name: str) -> str:
    assert asked.match is not None
    return asked.match[name]


def _repository(asked: Asked) -> str:
    return f"{_part(asked, 'owner')}/{_part(asked, 'name')}"


@contextmanager
def github_server() -> Iterator[GitHubServer]:
    """A GitHub on a free loopback port."""
    github = GitHubServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answered, content = github.answer(Asked(self.command, parts.path, query, headers, body))
            self.send_response(status)
            for name, value in answered.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _any  # noqa: N815 - names that http.server looks for

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # who asks may hang up in the middle of an answer
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    github.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()


def signature_of(body: bytes, secret: str) -> str:
    """The header X-Hub-Signature-256."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def run_of(number: int = 7001, conclusion: str = "failure", **changes: object) -> dict[str, Any]:
    """A run as GitHub tells of it."""
    commit = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
    return {
        "id": number,
        "name": "ci",
        "path": ".github/workflows/ci.yml",
        "workflow_id": 11,
        "run_number": number - 7000,
        "run_attempt": 1,
        "event": "push",
        "status": "completed",
        "conclusion": conclusion,
        "head_branch": "main",
        "head_sha": commit,
        "html_url": f"https://github.invalid/acme/shop/actions/runs/{number}",
        "created_at": "2026-01-02T03:04:05Z",
        "run_started_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:09:05Z",
        "pull_requests": [],
        "repository": {"full_name": "acme/shop", "default_branch": "main"},
        "head_repository": {"full_name": "acme/shop"},
        **changes,
    }


def delivery_of(run: Mapping[str, Any], action: str = "completed") -> bytes:
    """The body of the webhook that tells of ``run``."""
    return json.dumps(
        {
            "action": action,
            "workflow_run": run,
            "repository": {"full_name": "acme/shop", "default_branch": "main"},
        }
    ).encode()
