"""The forge over smart HTTP, to read only: what Argo CD needs, and no other path or service.

``python -m infra.local.gitops.forge_server FORGE ADDRESS PORT`` serves until it gets a SIGTERM. It listens on
the host's end of the cluster's network alone, so nothing outside of this machine reaches it. Git itself
speaks the protocol, as its CGI program ``git http-backend``; this file is the web server around it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from homeostat.log import configure_logging
from infra.local.gitops.git import neutral_environment
from infra.local.place import HOST_ADDRESS

#: git's own port; the root Application names it, so it is the same on every machine
PORT = 9418
#: as many clones at once as the cluster's Argo CD starts
_AT_ONCE = 8
_CHUNK_BYTES = 1 << 16
#: a client says what it wants and has: 50 bytes a commit
_REQUEST_BYTES = 8 << 20
#: for clones that are under way when it is told to end
_GRACE_SECONDS = 5
_SERVICE = "git-upload-pack"
_LOG = logging.getLogger(__name__)


def argv(forge: Path, address: str = HOST_ADDRESS, port: int = PORT) -> Sequence[str]:
    """The command that serves ``forge``."""
    return (sys.executable, "-m", __name__, str(forge), address, str(port))


def url(forge: Path, address: str = HOST_ADDRESS, port: int = PORT) -> str:
    """Where Argo CD reads it."""
    return f"http://{address}:{port}/{forge.name}"


def application(forge: Path) -> Starlette:
    """The web application: git's advertisement, its packs, and a health check."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def refs(request: Request) -> Response | _Answer:
        if request.url.query != f"service={_SERVICE}":
            return PlainTextResponse("this forge is read over HTTP; push to it by its path.\n", 403)
        return await _answer(forge, "info/refs", request, slots)

    async def pack(request: Request) -> _Answer:
        return await _answer(forge, _SERVICE, request, slots)

    async def healthy(_: Request) -> Response:
        # says whose forge this is: another one's may hold the port
        return PlainTextResponse(f"{forge}\n")

    return Starlette(
        routes=[
            Route(f"/{forge.name}/info/refs", refs, methods=["GET"]),
            Route(f"/{forge.name}/{_SERVICE}", pack, methods=["POST"]),
            Route("/healthz", healthy, methods=["GET"]),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What ``git http-backend`` says, handed on as it comes."""

    environment: Mapping[str, str]
    asked: bytes
    slots: asyncio.Semaphore

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; whatever becomes of the client, git ends and its slot is free again."""
        del scope, receive
        async with self.slots:
            git = await asyncio.create_subprocess_exec(
                "git", "http-backend", stdin=PIPE, stdout=PIPE, env=self.environment
            )
            feeding = asyncio.create_task(_feed(git, self.asked))
            try:
                await _hand_on(git, send)
            except BaseException:
                with suppress(ProcessLookupError):
                    git.kill()
                raise
            finally:
                feeding.cancel()
                await git.wait()


async def _answer(forge: Path, path: str, request: Request, slots: asyncio.Semaphore) -> _Answer:
    return _Answer(_environment(forge, path, request), await _asked(request), slots)


async def _hand_on(git: Process, send: Send) -> None:
    output = git.stdout
    assert output is not None  # noqa: S101 - it was opened as a pipe
    head = await _head(output)
    status = int(head.pop("status", "200 OK").split()[0])
    lines = [(name.encode(), value.encode()) for name, value in head.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    while chunk := await output.read(_CHUNK_BYTES):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _environment(forge: Path, path: str, request: Request) -> Mapping[str, str]:
    """What CGI says about a request; git reads protocol and encoding from it."""
    headers = request.headers
    settings = {"safe.directory": str(forge), "http.receivepack": "false", "http.getanyfile": "false"}
    configuration = {
        name: text
        for index, (key, value) in enumerate(settings.items())
        for name, text in ((f"GIT_CONFIG_KEY_{index}", key), (f"GIT_CONFIG_VALUE_{index}", value))
    }
    return neutral_environment(os.environ) | {
        "GIT_PROJECT_ROOT": str(forge.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
        "GIT_CONFIG_COUNT": str(len(settings)),
        **configuration,
        "PATH_INFO": f"/{forge.name}/{path}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.url.query,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        "REMOTE_ADDR": request.client.host if request.client else "",
    }


async def _asked(request: Request) -> bytes:
    """The body of the request, whole: the answer starts only when git has read it."""
    asked = bytearray()
    async for chunk in request.stream():
        asked += chunk
        if len(asked) > _REQUEST_BYTES:
            raise HTTPException(413, "the request is too large.")
    return bytes(asked)


async def _feed(git: Process, asked: bytes) -> None:
    assert git.stdin is not None  # noqa: S101 - it was opened as a pipe
    try:
        git.stdin.write(asked)
        await git.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        _LOG.info("git had read enough of a request")
    finally:
        git.stdin.close()


async def _head(output: asyncio.StreamReader) -> dict[str, str]:
    """The header lines that git prints before the body."""
    head: dict[str, str] = {}
    while line := (await output.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        head[name.strip().lower()] = value.strip()
    return head or {"status": "500 Internal Server Error"}


def main() -> None:
    """Serve until the process is told to end."""
    forge, address, port = Path(sys.argv[1]).resolve(), sys.argv[2], int(sys.argv[3])
    configure_logging("forge")
    uvicorn.run(
        application(forge),
        host=address,
        port=port,
        log_config=None,
        access_log=False,
        loop="asyncio",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
