"""A cluster on this machine as the place that serves: Argo CD deploys, KServe's predictors answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from delivery.git import Git
from delivery.places.cluster_view import Objects, view_of
from delivery.places.place import Packaged, Say
from delivery.rollout import ServiceView
from homeostat.errors import HomeostatError
from homeostat.release import cluster_name
from infra.gitops.kubectl import Kubectl

MODELS = "models"
ARGOCD = "argocd"
_MODEL_PREFIX = "model-"
#: services by the name that delivery knows them by
_SERVICES = {"mlflow": ("mlflow", "mlops", ":5000")}

#: makes the image of a packaged bento for a model, on the cluster's node
BuildImage = Callable[[Packaged, Say], str]


@dataclass(frozen=True, slots=True)
class ClusterProvider:
    """Tells what became of the releases of ``commit``."""

    kubectl: Kubectl
    forge: Git
    commit: str | None

    def view(self, model: str) -> ServiceView | None:
        """The model's InferenceService as the cluster has it now."""
        name = cluster_name(model)
        predictor = f"{name}-predictor"
        selector = f"serving.kserve.io/inferenceservice={name}"
        try:
            objects = Objects(
                application=self.kubectl.get("applications.argoproj.io", f"{_MODEL_PREFIX}{name}", ARGOCD),
                inference_service=self.kubectl.get("inferenceservices.serving.kserve.io", name, MODELS),
                deployment=self.kubectl.get("deployments", predictor, MODELS),
                service=self.kubectl.get("services", predictor, MODELS),
                pods=self.kubectl.list("pods", MODELS, selector),
            )
        except HomeostatError as error:
            return ServiceView(None, str(error), given_up=False, under_way=True)
        return view_of(objects, self._includes)

    def _includes(self, revision: str) -> bool:
        return self.commit is None or (
            self.forge.commit_of(revision) is not None and self.forge.is_ancestor(self.commit, revision)
        )


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """The local cluster, reached by ``kubectl``, that follows ``forge``."""

    kubectl: Kubectl
    forge: Path
    build: BuildImage

    def is_running(self) -> bool:
        """Whether its API server answers."""
        return self.kubectl.is_ready()

    def provider(self, commit: str | None) -> ClusterProvider:
        """The cluster's objects, read for ``commit``."""
        return ClusterProvider(self.kubectl, Git(self.forge), commit)

    def url(self, service: str) -> str | None:
        """The address of a Service in the cluster's network, which this machine reaches."""
        if service.startswith(_MODEL_PREFIX):
            name = cluster_name(service.removeprefix(_MODEL_PREFIX))
            known = (f"{name}-predictor", MODELS, "")
        else:
            known = _SERVICES.get(service)
        if known is None:
            return None
        name, namespace, port = known
        try:
            found = self.kubectl.get("services", name, namespace)
        except HomeostatError:
            return None
        return f"http://{found['spec']['clusterIP']}{port}" if found else None

    def image(self, packaged: Packaged, say: Say) -> str | None:
        """Build the image on this machine and bring it to the cluster's node; return its digest."""
        return self.build(packaged, say)
