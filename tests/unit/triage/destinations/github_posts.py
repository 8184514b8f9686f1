"""Plays the half of GitHub's API that is written to: comments and issues, over real HTTP."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.unit.triage.faulty_http import FaultyServer, Reply, serving

REPOSITORY = "example/homeostat"
TOKEN = "ghp_test_token_of_github"
LOGIN = "homeostat-bot"
COMMIT = "c" * 40


@dataclass
class Repository:
    """Issues by number; comments with the thread that they belong to."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    #: whose token may not ask who it is, as a workflow's
    is_app: bool = False
    #: a private one that no token may see any more
    is_hidden: bool = False
    now: float | None = None

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        given = {name.lower(): value for name, value in headers.items()}
        if given.get("authorization", "").split(" ")[-1] not in self.tokens:
            return 401, {"message": "Bad credentials"}
        if self.is_hidden:
            return 404, {"message": "Not Found"}
        content = json.loads(body) if body else {}
        if len(content.get("body", "")) > 65_536 or len(content.get("title", "")) > 256:
            return 422, {"message": "Validation Failed"}
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for form, handle in self._routes(method):
            if found := re.fullmatch(form, parts.path):
                return handle(found, query, content)
        return 404, {"message": "Not Found"}

    def by(self, login: str, body: str, thread: str = "issues/7", type_: str = "User") -> dict[str, Any]:
        """A comment of somebody else."""
        return self._comment(thread, body, {"login": login, "type": type_})

    def _routes(self, method: str) -> list[tuple[str, Any]]:
        root = f"/repos/{REPOSITORY}"
        thread = rf"{root}/((?:issues/\d+)|(?:commits/[0-9a-f]+))/comments"
        return {
            "GET": [
                (r"/user", self._user),
                (root, lambda *_: (200, {"full_name": REPOSITORY})),
                (f"{root}/issues", self._list),
                (thread, self._listed),
            ],
            "POST": [(f"{root}/issues", self._open), (thread, self._commented)],
            "PATCH": [
                (rf"{root}/issues/(\d+)", self._edit_issue),
                (rf"{root}/(?:issues/)?comments/(\d+)", self._edit_comment),
            ],
        }[method]

    @property
    def _author(self) -> dict[str, str]:
        return (
            {"login": "github-actions[bot]", "type": "Bot"}
            if self.is_app
            else {"login": LOGIN, "type": "User"}
        )

    def _at(self) -> str:
        return datetime.fromtimestamp(self.now or time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _user(self, *_: object) -> Reply:
        if self.is_app:
            return 403, {"message": "Resource not accessible by integration"}
        return 200, {"login": LOGIN}

    def _list(self, _: object, query: Mapping[str, str], __: object) -> Reply:
        found = [one for one in self.issues[::-1] if query.get("labels", "") in one["labels"]]
        return 200, _page(found, query)

    def _listed(self, path: re.Match[str], query: Mapping[str, str], _: object) -> Reply:
        return 200, _page([one for one in self.comments if one["thread"] == path.group(1)], query)

    def _open(self, _: object, __: object, content: dict[str, Any]) -> Reply:
        number = len(self.issues) + 1
        issue = {**content, "number": number, "state": "open", "user": self._author, "created_at": self._at()}
        self.issues.append(issue)
        return 201, issue

    def _commented(self, path: re.Match[str], _: object, content: dict[str, Any]) -> Reply:
        return 201, self._comment(path.group(1), content["body"], self._author)

    def _comment(self, thread: str, body: str, author: Mapping[str, str]) -> dict[str, Any]:
        made = {"thread": thread, "body": body, "user": dict(author), "created_at": self._at()}
        made["id"] = 1000 + len(self.comments)
        self.comments.append(made)
        return made

    def _edit_issue(self, path: re.Match[str], _: object, content: dict[str, Any]) -> Reply:
        return _edited(self.issues, "number", int(path.group(1)), content)

    def _edit_comment(self, path: re.Match[str], _: object, content: dict[str, Any]) -> Reply:
        return _edited(self.comments, "id", int(path.group(1)), content)


def _edited(posts: list[dict[str, Any]], by: str, number: int, content: Mapping[str, Any]) -> Reply:
    found = next((one for one in posts if one[by] == number), None)
    if found is None:
        return 404, {"message": "Not Found"}
    found.update(content)
    return 200, found


def _page(found: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
    return found[(number - 1) * size : number * size]


@dataclass
class GitHubPosts(FaultyServer):
    """The repository behind a port."""

    application: Repository = field(default_factory=Repository)


@contextmanager
def github_posts() -> Iterator[GitHubPosts]:
    server = GitHubPosts()
    with serving(server):
        yield server
