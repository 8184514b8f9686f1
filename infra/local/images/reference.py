"""Names of images: as people write them, and as container engines keep them."""

from __future__ import annotations

from homeostat.release import cluster_name

_REGISTRY = "docker.io"
_LIBRARY = "library"


def qualified(name: str) -> str:
    """The whole name of a short one, as container engines complete it.

    >>> qualified("redis:7.0.15")
    'docker.io/library/redis:7.0.15'
    >>> qualified("prom/prometheus:v3.15.0")
    'docker.io/prom/prometheus:v3.15.0'
    >>> qualified("registry.example/argoproj/argocd:v3.2.6")
    'registry.example/argoproj/argocd:v3.2.6'
    """
    first, slash, _ = name.partition("/")
    if not slash:
        return f"{_REGISTRY}/{_LIBRARY}/{name}"
    is_host = "." in first or ":" in first or first == "localhost"
    return name if is_host else f"{_REGISTRY}/{name}"


def untagged(name: str) -> str:
    """``name`` without its tag or digest.

    >>> untagged("prom/prometheus:v3.15.0"), untagged("homeostat/triage@sha256:00")
    ('prom/prometheus', 'homeostat/triage')
    >>> untagged("localhost:5000/x")
    'localhost:5000/x'
    """
    repository = name.partition("@")[0]
    head, colon, tail = repository.rpartition(":")
    return head if colon and "/" not in tail else repository


def model_image(model: str) -> str:
    """The name of the image that serves a model.

    >>> model_image("phishing_detector")
    'homeostat/phishing-detector'
    """
    return f"homeostat/{cluster_name(model)}"


def by_digest(name: str, digest: str) -> str:
    """The whole name of an image that is known by its digest.

    >>> by_digest("homeostat/triage", "sha256:00")
    'docker.io/homeostat/triage@sha256:00'
    """
    return f"{qualified(name)}@{digest}"
