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
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

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

    async def refs(request: Request) -> Response:
        if request.url.query != f"service={_SERVICE}":
            return PlainTextResponse("this forge is read over HTTP; push to it by its path.\n", 403)
        return await _answer(forge, "info/refs", request, slots)

    async def pack(request: Request) -> Response:
        return await _answer(forge, _SERVICE, request, slots)

    async def healthy(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    return Starlette(
        routes=[
            Route(f"/{forge.name}/info/refs", refs, methods=["GET"]),
            Route(f"/{forge.name}/{_SERVICE}", pack, methods=["POST"]),
            Route("/healthz", healthy, methods=["GET"]),
        ]
    )


async def _answer(forge: Path, path: str, request: Request, slots: asyncio.Semaphore) -> Response:
    asked = await _asked(request)
    await slots.acquire()
    try:
        git = await asyncio.create_subprocess_exec(
            "git", "http-backend", stdin=PIPE, stdout=PIPE, env=_environment(forge, path, request)
        )
        feeding = asyncio.create_task(_feed(git, asked))
        head = await _head(git)
    except BaseException:
        slots.release()
        raise

    async def body() -> AsyncIterator[bytes]:
        try:
            while chunk := await _output(git).read(_CHUNK_BYTES):
                yield chunk
            await feeding
        finally:
            # a client that went away leaves git in the middle of a pack
            feeding.cancel()
            if git.returncode is None:
                git.terminate()
            await git.wait()
            slots.release()

    status = int(head.pop("status", "200 OK").split()[0])
    return StreamingResponse(body(), status, head)


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


async def _head(git: Process) -> dict[str, str]:
    """The header lines that git prints before the body."""
    head: dict[str, str] = {}
    while line := (await _output(git).readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        head[name.strip().lower()] = value.strip()
    return head or {"status": "500 Internal Server Error"}


def _output(git: Process) -> asyncio.StreamReader:
    assert git.stdout is not None  # noqa: S101 - it was opened as a pipe
    return git.stdout


def main() -> None:
    """Serve until the process is told to end."""
    forge, address, port = Path(sys.argv[1]).resolve(), sys.argv[2], int(sys.argv[3])
    configure_logging("forge")
    uvicorn.run(application(forge), host=address, port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
