"""The model server as a process: verify, load, warm up, listen, say so, and leave politely."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import MachineError
from homeostat.log import configure_logging
from homeostat.release import read_release
from homeostat.service import LISTEN_FD_VARIABLE

#: the caller's wish stands; otherwise one request uses one thread and several requests use several
SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve and where."""

    release: Path
    bento: Path
    host: str = "127.0.0.1"
    port: int = 8100
    drain_seconds: float = 1.0


def serve(options: Options, environment: Mapping[str, str] = os.environ) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        ConfigError: when the release can't be read.
        WrongDigest: when the bento or the model is not the one that the release names.
        BundleError: when the model can't be loaded or does not answer as its manifest says.
        MachineError: when the port is taken.
    """
    release = read_release(options.release)
    configure_logging(f"model-{release.model}")
    _prepare_environment()
    # numpy reads the environment that was just prepared; the rest takes seconds that a refusal can't wait.
    from serving.loading import load_release  # noqa: PLC0415 - see above

    loaded = load_release(release, options.bento)
    listener = _listener(options, environment)
    from serving.assembly import assemble  # noqa: PLC0415 - see above
    from serving.server import run_server  # noqa: PLC0415 - see above

    served = assemble(loaded, environment)
    asyncio.run(run_server(served, listener, options.drain_seconds, environment))


def _prepare_environment() -> None:
    for variable in SINGLE_THREADED:
        os.environ.setdefault(variable, "1")
    os.environ["BENTOML_DO_NOT_TRACK"] = "True"
    os.environ.setdefault("BENTOML_HOME", str(Path(tempfile.gettempdir()) / "homeostat-bentoml"))


def _listener(options: Options, environment: Mapping[str, str]) -> socket.socket:
    """The inherited socket if there is one, else a new one."""
    inherited = environment.get(LISTEN_FD_VARIABLE)
    if inherited is not None:
        try:
            return socket.socket(fileno=int(inherited))
        except (OSError, ValueError):
            raise MachineError(
                f"{LISTEN_FD_VARIABLE} is {inherited!r}: it must be the number of an inherited socket."
            ) from None
    try:
        return socket.create_server((options.host, options.port), backlog=2048)
    except OSError as error:
        raise MachineError(
            f"Port {options.port} on {options.host} can't be used: {error.strerror}."
        ) from error
