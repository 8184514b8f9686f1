"""Whether a service can do its work: it answers 200 on its health path."""

from __future__ import annotations

import httpx


class Health:
    """Asks services on loopback, never through a proxy."""

    def __init__(self, answer_seconds: float) -> None:
        # a fresh connection each time: a kept one may end at a process that is being replaced
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=answer_seconds, trust_env=False, limits=limits)

    async def complaint(self, url: str) -> str | None:
        """Why the service at ``url`` is not healthy, in a few words; None when it is."""
        try:
            answer = await self._client.get(url)
        except httpx.TimeoutException:
            return f"{url} does not answer in time"
        except httpx.HTTPError as error:
            return f"{url} does not answer ({type(error).__name__})"
        return None if answer.status_code == 200 else f"{url} answers {answer.status_code}, not 200"

    async def close(self) -> None:
        """Give up the connections."""
        await self._client.aclose()
