"""From a cluster that answers to everything that git says running in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from infra.cluster.step import Say, Step
from infra.gitops.bootstrap import Bootstrap
from infra.gitops.kubectl import Kubectl
from infra.gitops.waiting import wait_for, wait_until_settled
from infra.local import on_host
from infra.local.gitops import secrets
from infra.local.gitops.forge import ensure_forge
from infra.local.gitops.pins import pin
from infra.local.images import Made, build_all, import_all
from infra.local.place import Place
from infra.local.supervision import ensure
from infra.programs.obtain import cache_folder

#: of argocd/root, and of the overlays that it leads to
ENVIRONMENT = "local"


class Deploy:
    """The steps; the cluster answers when the first of them runs."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._kubectl = Kubectl(place.programs / "kubectl", place.kubeconfig)
        self._made = Made({}, {})

    def steps(self) -> Sequence[Step]:
        """All steps, in their order."""
        bootstrap = Bootstrap(
            self._kubectl,
            self._place.root,
            ENVIRONMENT,
            partial(secrets.manifests, self._place.secrets),
            cache_folder().parent / "releases",
        )
        return (
            Step("make the images", self._images),
            Step("bring them to the node", self._import),
            Step("the forge", self._forge),
            *bootstrap.steps(),
            Step("wait for MLflow, which the runner needs", self._mlflow),
            Step("the runner of pushed commits", self._runner),
            Step("wait until all is as git says", self._wait),
        )

    def _images(self, say: Say) -> Sequence[str]:
        self._made = build_all(self._place, say)
        return []

    def _import(self, say: Say) -> Sequence[str]:
        return import_all(self._place, self._made, say)

    def _forge(self, say: Say) -> Sequence[str]:
        made = ensure_forge(self._place.forge, self._place.root, say)
        pinned = [f"digest of {name}" for name in pin(self._place.forge, self._made.own)]
        return [*made, *pinned, *ensure(self._place, on_host.forge(self._place))]

    def _mlflow(self, say: Say) -> Sequence[str]:
        wait_for(self._kubectl, "mlflow", say)
        return []

    def _wait(self, say: Say) -> Sequence[str]:
        wait_until_settled(self._kubectl, say)
        return []

    def _runner(self, _say: Say) -> Sequence[str]:
        mlflow = self._kubectl.get("services", "mlflow", "mlops")
        address = f"http://{mlflow['spec']['clusterIP']}:5000" if mlflow else ""
        return ensure(self._place, on_host.runner(self._place, address))
