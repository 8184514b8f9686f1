# pyright: basic
# BentoML's decorators are untyped for a strict checker.
"""The BentoML service: one class for all tabular models.

A bento packs this module with one model's bundle. BentoML gives the packaging, the image and the outer ASGI
application (tracing, timeouts); the inference protocols are mounted on it, so its own API routes stay unused.
Its metrics are off, since the ones that alerts need have names and labels of their own (``serving.metrics``).
"""

from __future__ import annotations

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

SERVICE_NAME = "homeostat_tabular"


@bentoml.service(
    name=SERVICE_NAME,
    workers=1,
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    traffic={"timeout": 60},
)
class Tabular:
    """Inference for tabular models over KServe V1 and the Open Inference Protocol V2."""


def bento_asgi(protocol: ASGIApp) -> ASGIApp:
    """The bento's ASGI application with ``protocol`` mounted at its root.

    BentoML keeps the mounts on the service itself, so a process calls this once.
    """

    async def inference(scope: Scope, receive: Receive, send: Send) -> None:
        # Of a Starlette application BentoML takes the known routes only and answers the others itself.
        await protocol(scope, receive, send)

    Tabular.mount_asgi_app(inference, path="/", name="inference")
    return Tabular.to_asgi(is_main=False)
