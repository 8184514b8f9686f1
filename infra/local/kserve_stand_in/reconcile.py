"""One pass: bring everything in the namespace to what its InferenceServices say; a second changes nothing.

A pass looks at the whole namespace rather than at what changed, since there are a handful of models: no event
can be missed and nothing has to be remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from infra.local.kserve_stand_in.children import children, is_owned, is_stray
from infra.local.kserve_stand_in.cluster import Cluster
from infra.local.kserve_stand_in.drift import has_drifted, replacement
from infra.local.kserve_stand_in.objects import (
    AUTOSCALER,
    CHILDREN,
    DEPLOYMENT,
    FINALIZER,
    INFERENCE_SERVICE,
    Kind,
    Object,
    is_stopped,
    name_of,
    predictor_name,
    status_in,
)
from infra.local.kserve_stand_in.status import status_of

_log = structlog.get_logger()

Live = Mapping[Kind, Sequence[Object]]


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Works in one namespace."""

    cluster: Cluster
    clock: Callable[[], datetime]

    async def pass_over_all(self) -> bool:
        """One pass; false when an InferenceService could not be brought to its state, which is logged."""
        services = await self.cluster.every(INFERENCE_SERVICE)
        live = {kind: await self.cluster.every(kind) for kind in CHILDREN}
        well = True
        for service in services:
            try:
                await self._one(service, live)
            except Exception as error:  # noqa: BLE001 - one that can't be reconciled must not hold up the others
                well = False
                _log.warning("reconcile_failed", inference_service=name_of(service), error=str(error))
        return well

    async def _one(self, service: Object, live: Live) -> None:
        finalizers = service["metadata"].get("finalizers", [])
        if service["metadata"].get("deletionTimestamp"):
            # its children go with their owner, by the cluster's own garbage collector
            await self._set_finalizers(service, [name for name in finalizers if name != FINALIZER])
            return
        if FINALIZER not in finalizers:
            await self._set_finalizers(service, [*finalizers, FINALIZER])
        wanted = {child["kind"]: child for child in children(service)}
        deployment: Object | None = None
        for kind in CHILDREN:
            made = await self._child(kind, wanted.get(kind.name), service, live[kind])
            deployment = made if kind is DEPLOYMENT else deployment
        await self._tell(service, deployment)

    async def _set_finalizers(self, service: Object, finalizers: Sequence[str]) -> None:
        version = service["metadata"]["resourceVersion"]
        change = {"metadata": {"finalizers": finalizers, "resourceVersion": version}}
        if finalizers != service["metadata"].get("finalizers", []):
            await self.cluster.patch(INFERENCE_SERVICE, service, change)

    async def _child(
        self, kind: Kind, wanted: Object | None, service: Object, live: Sequence[Object]
    ) -> Object | None:
        for found in live:
            if kind is not AUTOSCALER and is_stray(found, service):
                await self._delete(kind, found)
        there = next((found for found in live if name_of(found) == predictor_name(service)), None)
        if wanted is None:
            if there is not None and is_owned(there, service):
                await self._delete(kind, there)
            return None
        if there is None:
            _log.info("created", kind=kind.name, name=name_of(wanted))
            return await self.cluster.create(kind, wanted)
        return await self._heal(kind, replacement(wanted, there), there)

    async def _heal(self, kind: Kind, wanted: Object, there: Object) -> Object:
        if not has_drifted(there, await self.cluster.would_become(kind, wanted)):
            return there
        _log.info("updated", kind=kind.name, name=name_of(wanted))
        return await self.cluster.replace(kind, wanted)

    async def _delete(self, kind: Kind, found: Object) -> None:
        if found["metadata"].get("deletionTimestamp"):
            return
        _log.info("deleted", kind=kind.name, name=name_of(found))
        await self.cluster.delete(kind, found)

    async def _tell(self, service: Object, deployment: Object | None) -> None:
        status = status_of(service, deployment, self.clock())
        before = status_in(service)
        if any(before.get(field) != value for field, value in status.items()):
            stopped = is_stopped(service)
            _log.info("status_changed", inference_service=name_of(service), stopped=stopped)
            await self.cluster.patch_status(INFERENCE_SERVICE, service, status)
