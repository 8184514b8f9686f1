"""One real API server for these tests, without a kubelet."""

from __future__ import annotations

import pytest

from infra.gitops.kubectl import Kubectl
from tests.apiserver import ApiServer, apiserver

__all__ = ["apiserver"]


@pytest.fixture
def kubectl(apiserver: ApiServer) -> Kubectl:
    return Kubectl(apiserver.kubectl_program, apiserver.kubeconfig)
