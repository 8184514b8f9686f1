# pyright: basic
# kr8s describes neither its requests nor the objects that they bring
"""The Kubernetes API for one namespace: credentials and connections by kr8s, requests by hand.

kr8s reads a kubeconfig or a pod's service account, and renews the token of the latter.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import kr8s.asyncio
from kr8s._api import Api  # the type of what kr8s.asyncio.api() returns

from infra.local.kserve_stand_in.objects import Kind, Object, name_of

#: the server ends a watch after this time; the next one begins with all that is there
WATCH_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Cluster:
    """One namespace of a cluster."""

    api: Api
    namespace: str

    async def every(self, kind: Kind) -> list[Object]:
        """All objects of the kind."""
        found = await self._ask("GET", kind)
        return [{"apiVersion": kind.version, "kind": kind.name, **item} for item in found["items"]]

    async def create(self, kind: Kind, wanted: Object) -> Object:
        """Make it."""
        return await self._ask("POST", kind, json=wanted)

    async def would_become(self, kind: Kind, wanted: Object) -> Object:
        """What replacing it would make of it; nothing changes."""
        return await self._ask("PUT", kind, name_of(wanted), json=wanted, params={"dryRun": "All"})

    async def replace(self, kind: Kind, wanted: Object) -> Object:
        """Replace it; refused when it has changed since it was read."""
        return await self._ask("PUT", kind, name_of(wanted), json=wanted)

    async def delete(self, kind: Kind, found: Object) -> None:
        """Delete it, unless another of its name has taken its place."""
        options = {"preconditions": {"uid": found["metadata"]["uid"]}, "propagationPolicy": "Background"}
        await self._ask("DELETE", kind, name_of(found), json=options)

    async def patch(self, kind: Kind, found: Object, change: Object) -> Object:
        """Change it by a merge patch."""
        return await self._ask("PATCH", kind, name_of(found), json=change, headers=_MERGE)

    async def patch_status(self, kind: Kind, found: Object, status: Object) -> Object:
        """Change its status by a merge patch."""
        path = f"{name_of(found)}/status"
        return await self._ask("PATCH", kind, path, json={"status": status}, headers=_MERGE)

    async def changes(self, kind: Kind) -> AsyncIterator[str]:
        """One word for every change to an object of the kind, until the server ends the watch."""
        params = {"watch": "true", "timeoutSeconds": str(WATCH_SECONDS)}
        async with self.api.call_api(
            "GET",
            version=kind.version,
            namespace=self.namespace,
            url=kind.plural,
            stream=True,
            params=params,
            timeout=None,
        ) as response:
            async for line in response.aiter_lines():
                yield json.loads(line)["type"]

    async def _ask(self, method: str, kind: Kind, path: str = "", **request: Any) -> Any:
        url = f"{kind.plural}/{path}".rstrip("/")
        async with self.api.call_api(
            method, version=kind.version, namespace=self.namespace, url=url, **request
        ) as response:
            return response.json()


_MERGE = {"Content-Type": "application/merge-patch+json"}


async def connect(namespace: str) -> Cluster:
    """The cluster of ``KUBECONFIG``, or the one that this runs in."""
    return Cluster(await kr8s.asyncio.api(), namespace)
