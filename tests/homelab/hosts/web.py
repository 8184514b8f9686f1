"""What a lab serves to its hosts over HTTP: files, Debian packages, and git repositories to read."""

from __future__ import annotations

import http.server
import os
import subprocess
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(slots=True)
class Shelves:
    """What is served where: ``/files/``, ``/apt/`` and ``/git/<name>``."""

    folders: dict[str, Path]
    repositories: dict[str, Path] = field(default_factory=dict[str, Path])


class Web:
    """A web server on a free port of one address, in threads of this process."""

    def __init__(self, address: str, shelves: Shelves) -> None:
        def handler(*arguments: object) -> _Handler:
            return _Handler(*arguments, shelves=shelves)  # pyright: ignore[reportArgumentType] - socketserver's

        self._server = http.server.ThreadingHTTPServer((address, 0), handler)  # pyright: ignore[reportArgumentType]
        self._server.daemon_threads = True
        self.url = f"http://{address}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, shelves: Shelves) -> None:
        self._shelves = shelves
        super().__init__(*arguments, directory="/nonexistent")  # pyright: ignore[reportArgumentType]

    def translate_path(self, path: str) -> str:
        """The file of a path: the first part names the shelf."""
        shelf, _, rest = urlsplit(path).path.lstrip("/").partition("/")
        self.directory = str(self._shelves.folders.get(shelf, Path("/nonexistent")))
        return super().translate_path(f"/{rest}")

    def do_GET(self) -> None:
        """Answer with a file, or with what git says."""
        if self.path.startswith("/git/"):
            self._git(b"")
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """Answer with what git says to the request."""
        self._git(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: tests look at answers."""

    def _git(self, asked: bytes) -> None:
        """Git as its CGI program speaks; a repository is found by the first part of the path."""
        name, _, rest = urlsplit(self.path).path.removeprefix("/git/").partition("/")
        repository = self._shelves.repositories.get(name)
        if repository is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(repository),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": f"/{rest}",
            "REQUEST_METHOD": self.command,
            "QUERY_STRING": urlsplit(self.path).query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(asked)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=asked, stdout=subprocess.PIPE, env=environment, check=False
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
        self.send_response(int(lines.pop("Status", "200 OK" if head else "500 -").split()[0]))
        for header, value in lines.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
