"""What an endpoint says that it serves: by the Open Inference Protocol and its metrics."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from homeostat.release import Release

_INFO = "homeostat_model_info"


@dataclass(frozen=True, slots=True)
class Running:
    """The model that answers at an endpoint."""

    version: str
    model_sha256: str
    bento_digest: str
    source_commit: str

    def is_release(self, release: Release) -> bool:
        """Whether these are the very bytes of ``release``."""
        return (self.version, self.model_sha256, self.bento_digest) == (
            str(release.version),
            release.model_sha256,
            release.bento_digest,
        )


def what_runs(url: str, model: str, timeout_seconds: float = 3.0) -> Running | None:
    """The model that answers at ``url``, or None when nothing there serves ``model`` now."""
    try:
        with httpx.Client(base_url=url, timeout=timeout_seconds, trust_env=False) as client:
            metadata = client.get(f"/v2/models/{model}")
            metrics = client.get("/metrics")
    except httpx.HTTPError:
        return None
    if metadata.status_code != 200 or metrics.status_code != 200:
        return None
    versions = _versions(metadata)
    return next((info for info in _infos(metrics.text, model) if info.version in versions), None)


def _versions(metadata: httpx.Response) -> tuple[str, ...]:
    said = metadata.json()
    return tuple(str(version) for version in said.get("versions") or ())


def _infos(text: str, model: str) -> list[Running]:
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415 - slow to import

    found: list[Running] = []
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = sample.labels
            if sample.name == _INFO and labels.get("model") == model and sample.value == 1:
                wanted = ("version", "model_sha256", "bento_digest", "source_commit")
                found.append(Running(*(labels.get(name, "") for name in wanted)))
    return found
