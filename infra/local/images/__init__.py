"""The images of the local cluster, made on this machine since no registry is asked for any.

``build_all`` makes what changed, ``import_all`` brings just that into containerd, and ``build_model`` does
both for one model. They are kept in the user's cache, so that neither the next clone nor the next cluster
makes them again.
"""

from __future__ import annotations

from infra.local.images.catalogue import third_party_tags
from infra.local.images.making import Made, build_all, build_model, import_all

__all__ = ["Made", "build_all", "build_model", "import_all", "third_party_tags"]
