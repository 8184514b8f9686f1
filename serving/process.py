"""The model server as a process: verify, load, fork the workers, say when all of them listen."""

from __future__ import annotations

import gc
import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from homeostat.errors import MachineError
from homeostat.log import configure_logging
from homeostat.release import Release, read_release
from homeostat.service import LISTEN_FD_VARIABLE
from serving.bento_layout import bundle_directory
from serving.log_writer import write_what_fits
from serving.notify import notify
from serving.settings import read_settings
from serving.workers.cpus import available_cpus, threads_asked, threads_per_worker, worker_count
from serving.workers.master import Events, run_workers
from serving.workers.shares import Shares
from serving.workers.signals import SignalInbox

if TYPE_CHECKING:
    from serving.bundle import Bundle
    from serving.worker import Common

#: The master's threads would not be there in the workers, where whoever needs one would wait for ever. BLAS
#: starts them when it is imported, OpenMP at the first parallel region, which can be in reading the model.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: after draining: for what workers still answer, which they bound themselves, and then for their own end
PATIENCE_SECONDS = 35.0

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


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
        ConfigError: when the release or the environment says something that it may not.
        WrongDigest: when the bento or the model is not the one that the release names.
        BundleError: when the model can't be loaded or does not answer as its manifest says.
        MachineError: when the port is taken.
    """
    inbox = SignalInbox()
    release = read_release(options.release)
    configure_logging(f"model-{release.model}")
    write_what_fits()
    cpus = available_cpus()
    workers = worker_count(read_settings(environment).workers, cpus)
    threads = threads_asked(environment.get("OMP_NUM_THREADS")) or threads_per_worker(cpus, workers)
    _prepare_environment()
    # numpy reads the environment that was just prepared; the rest takes seconds that a refusal can't wait.
    from serving.loading import read_model  # noqa: PLC0415 - see above

    bundle = read_model(release, options.bento)
    listener = _listener(options, environment)
    from serving.metrics import Board, Layout  # noqa: PLC0415 - see above
    from serving.worker import Common  # noqa: PLC0415 - see above

    layout = Layout.of(release, bundle.manifest)
    common = Common(
        release,
        bundle,
        bundle_directory(options.bento),
        listener,
        Shares(workers),
        layout,
        Board.create(layout, workers),
        options.drain_seconds,
        threads,
        environment,
    )
    _tell_what_is_served(release, bundle)
    _run(common, workers, inbox)


def _tell_what_is_served(release: Release, bundle: Bundle) -> None:
    log.info(
        "model_loaded",
        model=release.model,
        version=str(release.version),
        model_sha256=release.model_sha256,
        bento_digest=release.bento_digest,
        source_commit=release.source_commit,
        features=len(bundle.manifest.features),
    )


def _run(common: Common, workers: int, inbox: SignalInbox) -> None:
    port = common.listener.getsockname()[1]
    release = common.release

    def ready() -> None:
        log.info("ready", model=release.model, version=str(release.version), port=port, workers=workers)
        try:
            notify("READY=1", common.environment)
        except OSError as error:
            # who asked to be told is gone; that is no reason to stop
            log.warning("not_notified", error=str(error))

    def lost(index: int) -> None:
        common.shares.lost(index)
        common.metrics(index).restarted()

    # What is here now is never garbage; a collection would write to it, and so copy its pages.
    gc.collect()
    gc.freeze()
    events = Events(on_ready=ready, on_lost=lost, on_stop=common.listener.close)
    run_workers(workers, common.work, events, inbox, common.drain_seconds + PATIENCE_SECONDS)


def _prepare_environment() -> None:
    """Let the libraries start no thread in the master, before any of them is imported."""
    for variable in ONE_THREAD:
        os.environ[variable] = "1"
    # By its environment, since scikit-learn's own setting is one thread's; every value was checked before.
    os.environ.setdefault("SKLEARN_ASSUME_FINITE", "1")
    os.environ.setdefault("JE_ARROW_MALLOC_CONF", "background_thread:false")
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
    listener = socket.socket(socket.AF_INET6 if ":" in options.host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # the first worker that can answer listens: until then a client is refused, and does not wait in vain
        listener.bind((options.host, options.port))
    except OSError as error:
        listener.close()
        raise MachineError(
            f"Port {options.port} on {options.host} can't be used: {error.strerror}."
        ) from error
    return listener
