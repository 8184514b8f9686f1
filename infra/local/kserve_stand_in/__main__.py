"""``python -m infra.local.kserve_stand_in``: reconcile at every change, and now and then without one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog
import typer

from homeostat.log import configure_logging
from infra.local.kserve_stand_in.cluster import Cluster, connect
from infra.local.kserve_stand_in.health import Pulse, serve_health
from infra.local.kserve_stand_in.objects import CHILDREN, INFERENCE_SERVICE, Kind
from infra.local.kserve_stand_in.reconcile import Reconciler

_log = structlog.get_logger()
#: changes come in flocks; one pass does for all of them
_SETTLE_SECONDS = 0.2
_RETRY_SECONDS = 2.0


def main(
    namespace: str = typer.Option("models", help="Namespace whose InferenceServices are reconciled."),
    host: str = typer.Option("127.0.0.1", help="Address that answers GET /healthz."),
    port: int = typer.Option(8080, help="Its port."),
    resync_seconds: float = typer.Option(30.0, help="A pass is made at least this often."),
) -> None:
    """Stand in for KServe's controller, in the cluster of KUBECONFIG or the one that this runs in.

    Example: KUBECONFIG=.homeostat/cluster/kubeconfig python -m infra.local.kserve_stand_in --namespace models
    """
    configure_logging("kserve-stand-in")
    pulse = Pulse(patience_seconds=resync_seconds * 4)
    serve_health(pulse, (host, port))
    asyncio.run(run(namespace, resync_seconds, pulse))


async def run(namespace: str, resync_seconds: float, pulse: Pulse) -> None:
    """Reconcile for ever."""
    cluster = await connect(namespace)
    reconciler = Reconciler(cluster, lambda: datetime.now(UTC))
    changed = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for kind in (INFERENCE_SERVICE, *CHILDREN):
            tasks.create_task(_watch(cluster, kind, changed))
        while True:
            changed.clear()
            wait_seconds = resync_seconds if await _one_pass(reconciler, pulse) else _RETRY_SECONDS
            try:
                await asyncio.wait_for(changed.wait(), wait_seconds)
            except TimeoutError:
                continue
            await asyncio.sleep(_SETTLE_SECONDS)


async def _one_pass(reconciler: Reconciler, pulse: Pulse) -> bool:
    try:
        well = await reconciler.pass_over_all()
    except Exception as error:  # noqa: BLE001 - the API server is away: the next pass will do
        _log.warning("pass_failed", error=f"{type(error).__name__}: {error}")
        return False
    pulse.beat()
    return well


async def _watch(cluster: Cluster, kind: Kind, changed: asyncio.Event) -> None:
    while True:
        try:
            async for _ in cluster.changes(kind):
                changed.set()
        except Exception as error:  # noqa: BLE001 - a watch breaks when the API server restarts
            _log.info("watch_ended", kind=kind.name, error=f"{type(error).__name__}: {error}")
            await asyncio.sleep(_RETRY_SECONDS)


if __name__ == "__main__":
    typer.run(main)
