"""The provider's programs that run on the machine itself, beside the cluster's network: forge and runner."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import httpx

from homeostat.paths import ROOT_VARIABLE, STATE_VARIABLE
from infra.local.component import Component
from infra.local.gitops import forge_server
from infra.local.place import HOST_ADDRESS, SERVICE_NETWORK, Place

#: what the runner's stages need of the machine: tools, certificates, and how packages are reached
_INHERITED = ("HOME", "PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_INHERITED_PREFIXES = ("PIP_", "UV_", "GO", "XDG_", "HTTP_", "HTTPS_", "http_", "https_")
_PROXYLESS = f"localhost,127.0.0.1,{HOST_ADDRESS},{SERVICE_NETWORK}"


def forge(place: Place) -> Component:
    """What serves the forge to Argo CD."""
    health = f"http://{HOST_ADDRESS}:{forge_server.PORT}/healthz"
    return Component(
        name="forge",
        argv=tuple(forge_server.argv(place.forge)),
        check=lambda: _complaint(health, str(place.forge)),
        environment={"PYTHONPATH": str(place.root)},
        network=None,
    )


def runner(place: Place, mlflow: str) -> Component:
    """What takes pushed commits through the pipeline; ``mlflow`` is where it records training."""
    hook = place.forge / "hooks" / "post-receive"
    return Component(
        name="runner",
        argv=(sys.executable, "-m", "homeostat", "delivery", "run"),
        check=lambda: None if hook.exists() else "the forge has no hook yet",
        environment={
            **_of_the_machine(os.environ),
            ROOT_VARIABLE: str(place.root),
            STATE_VARIABLE: str(place.folder),
            "MLFLOW_TRACKING_URI": mlflow,
            "PYTHONPATH": f"{place.root}:{place.root / 'model-source'}",
            "NO_PROXY": _PROXYLESS,
            "no_proxy": _PROXYLESS,
        },
        network=None,
    )


def _of_the_machine(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name in _INHERITED or name.startswith(_INHERITED_PREFIXES)
    }


def _complaint(url: str, forge: str) -> str | None:
    try:
        answer = httpx.get(url, trust_env=False, timeout=5)
    except httpx.HTTPError as error:
        return f"{url} does not answer ({type(error).__name__})"
    if answer.status_code == 200 and answer.text.strip() == forge:
        return None
    return f"something else answers at {url}: end it, since Argo CD reads the forge there"
