"""Which objects an alert is about: found by its labels, and from there by who owns and who tracks whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triage.evidence.collector import Scope
from triage.evidence.item import EvidenceStatus
from triage.evidence.kubernetes.answer import Answer, together
from triage.evidence.kubernetes.api import KubernetesApi
from triage.evidence.kubernetes.application import Application
from triage.evidence.kubernetes.event import Event
from triage.evidence.kubernetes.foreign import Owner
from triage.evidence.kubernetes.labels import MODEL_LABEL, NAME_LABEL
from triage.evidence.kubernetes.pod import Pod
from triage.evidence.kubernetes.volume_claim import VolumeClaim
from triage.evidence.kubernetes.workload import TRACKING, InferenceService, Workload

#: of each kind, this many are looked into
_MOST = 4

_GROUPS = {
    "Deployment": ("apps", "deployments"),
    "ReplicaSet": ("apps", "replicasets"),
    "StatefulSet": ("apps", "statefulsets"),
    "DaemonSet": ("apps", "daemonsets"),
    "Job": ("batch", "jobs"),
}


@dataclass(frozen=True, slots=True)
class Subjects:
    """What was found, kind by kind."""

    applications: Answer[Application]
    services: Answer[InferenceService]
    workloads: Answer[Workload]
    replica_sets: Answer[Workload]
    pods: Answer[Pod]
    claims: Answer[VolumeClaim]
    events: Answer[Event]


class Finder:
    """Asks for the objects of one alert."""

    def __init__(self, api: KubernetesApi, scope: Scope, argocd_namespace: str) -> None:
        self._api = api
        self._scope = scope
        self._argocd_namespace = argocd_namespace
        self._namespace = scope.namespace

    def find(self) -> Subjects:
        """Everything, from the most telling label on."""
        application = self._application(self._scope.application)
        services = self._services()
        declared = [*self._labelled_workloads(), *self._unhealthy(application)]
        pods = self._pods(declared)
        workloads = self._workloads(declared, pods.objects)
        if application is None:
            application = self._application(_tracked_by([*services.objects, *workloads.objects]))
        replica_sets = self._replica_sets(workloads.objects)
        claims = self._claims(pods.objects)
        names = {found.metadata.name for found in (*services.objects, *workloads.objects, *pods.objects)}
        names |= {found.metadata.name for found in (*replica_sets.objects, *claims.objects)}
        names |= {name for name in (self._scope.pod, self._scope.claim, self._scope.deployment) if name}
        return Subjects(
            applications=application
            or Answer(EvidenceStatus.EMPTY, (), "no application tracks these objects"),
            services=services,
            workloads=workloads,
            replica_sets=replica_sets,
            pods=pods,
            claims=claims,
            events=self._events(names),
        )

    def _application(self, name: str | None) -> Answer[Application] | None:
        if name is None:
            return None
        path = f"/apis/argoproj.io/v1alpha1/namespaces/{self._argocd_namespace}/applications/{name}"
        return self._api.one(path, Application)

    def _services(self) -> Answer[InferenceService]:
        if self._scope.model is None or self._namespace is None:
            return Answer(EvidenceStatus.EMPTY, (), "the alert names no model")
        name = self._scope.model.replace("_", "-")
        path = f"/apis/serving.kserve.io/v1beta1/namespaces/{self._namespace}/inferenceservices/{name}"
        return self._api.one(path, InferenceService)

    def _labelled_workloads(self) -> Sequence[Answer[Workload]]:
        if self._namespace is None:
            return []
        if self._scope.deployment:
            return [self._workload("Deployment", self._scope.deployment)]
        if self._scope.model:
            return [self._listed("Deployment", f"{MODEL_LABEL}={self._scope.model}")]
        return []

    def _unhealthy(self, application: Answer[Application] | None) -> Sequence[Answer[Workload]]:
        """The workloads that make an application unwell; its own namespace is where they are."""
        found = application.first if application else None
        kinds = [one for one in found.unhealthy if one.kind in _GROUPS] if found else []
        if kinds and self._namespace is None:
            self._namespace = kinds[0].namespace
        here = [one for one in kinds if one.namespace == self._namespace]
        return [self._workload(one.kind, one.name) for one in here[:_MOST]]

    def _pods(self, declared: Sequence[Answer[Workload]]) -> Answer[Pod]:
        answers: list[Answer[Pod]] = []
        if self._scope.pod and self._namespace:
            answers.append(self._api.one(f"{self._core('pods')}/{self._scope.pod}", Pod))
        if not any(answer.objects for answer in answers):
            answers += [self._selected(selector) for selector in self._selectors(declared)]
        found = together(answers, "no pod belongs to the alert")
        return Answer(found.status, _worst_first(found.objects), found.note)

    def _selectors(self, declared: Sequence[Answer[Workload]]) -> Sequence[str]:
        if self._namespace is None:
            return []
        if self._scope.model:
            return [f"{MODEL_LABEL}={self._scope.model}"]
        workloads = [found for answer in declared for found in answer.objects]
        selectors = [_joined(found) for found in workloads if found.spec.selector.match_labels]
        if selectors:
            return selectors
        return [f"{NAME_LABEL}={self._scope.service}"] if self._scope.service else []

    def _selected(self, selector: str) -> Answer[Pod]:
        return self._api.many(self._core("pods"), Pod, labelSelector=selector)

    def _workloads(self, declared: Sequence[Answer[Workload]], pods: Sequence[Pod]) -> Answer[Workload]:
        answers = list(declared)
        if not any(answer.objects for answer in answers):
            answers += [self._owner(owner) for owner in _owners(pods)]
        return together(answers, "no workload belongs to the alert")

    def _owner(self, owner: Owner) -> Answer[Workload]:
        """The workload behind an owner: a ReplicaSet's is its Deployment."""
        found = self._workload(owner.kind, owner.name)
        above = found.first.metadata.controller if found.first else None
        return self._workload(above.kind, above.name) if above and above.kind in _GROUPS else found

    def _replica_sets(self, workloads: Sequence[Workload]) -> Answer[Workload]:
        deployments = [
            one for one in workloads if one.kind == "Deployment" and one.spec.selector.match_labels
        ]
        answers = [self._listed("ReplicaSet", _joined(one)) for one in deployments[:_MOST]]
        found = together(answers, "no Deployment belongs to the alert")
        newest = sorted(found.objects, key=lambda one: -one.revision)
        telling = [one for at, one in enumerate(newest) if at < 2 or one.spec.replicas or one.status.replicas]
        return Answer(found.status, tuple(telling[:_MOST]), found.note)

    def _claims(self, pods: Sequence[Pod]) -> Answer[VolumeClaim]:
        if self._namespace is None:
            return Answer(EvidenceStatus.EMPTY)
        mounted = [self._scope.claim, *(name for pod in pods[:_MOST] for name in pod.claims)]
        names = [name for name in dict.fromkeys(mounted) if name]
        path = self._core("persistentvolumeclaims")
        answers = [self._api.one(f"{path}/{name}", VolumeClaim) for name in names[:_MOST]]
        return together(answers, "no persistent volume claim belongs to the alert")

    def _events(self, names: set[str]) -> Answer[Event]:
        if self._namespace is None or not names:
            return Answer(EvidenceStatus.EMPTY, (), "there is no object whose events could be read")
        found = self._api.many(self._core("events"), Event)
        about = tuple(one for one in found.objects if one.involved_object.name in names)
        status = EvidenceStatus.EMPTY if found.status is EvidenceStatus.OK and not about else found.status
        return Answer(status, about, found.note or ("" if about else "no event of the last hour"))

    def _workload(self, kind: str, name: str) -> Answer[Workload]:
        if kind not in _GROUPS:
            return Answer(EvidenceStatus.EMPTY, (), f"triage does not read a {kind}")
        return _of_kind(kind, self._api.one(f"{self._path(kind)}/{name}", Workload))

    def _listed(self, kind: str, selector: str) -> Answer[Workload]:
        return _of_kind(kind, self._api.many(self._path(kind), Workload, labelSelector=selector))

    def _path(self, kind: str) -> str:
        group, plural = _GROUPS[kind]
        return f"/apis/{group}/v1/namespaces/{self._namespace}/{plural}"

    def _core(self, plural: str) -> str:
        return f"/api/v1/namespaces/{self._namespace}/{plural}"


def _of_kind(kind: str, answer: Answer[Workload]) -> Answer[Workload]:
    """The members of a list don't say their kind."""
    named = tuple(found.model_copy(update={"kind": kind}) for found in answer.objects)
    return Answer(answer.status, named, answer.note)


def _joined(workload: Workload) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(workload.spec.selector.match_labels.items()))


def _owners(pods: Sequence[Pod]) -> Sequence[Owner]:
    owners = (pod.metadata.controller for pod in pods)
    return list(dict.fromkeys(owner for owner in owners if owner))[:_MOST]


def _worst_first(pods: Iterable[Pod]) -> tuple[Pod, ...]:
    different = {pod.metadata.name: pod for pod in pods}.values()
    return tuple(
        sorted(different, key=lambda pod: (pod.is_ready, not any(c.is_troubled for c in pod.containers)))
    )


def _tracked_by(objects: Sequence[InferenceService | Workload]) -> str | None:
    """The application whose mark the first of the objects bears."""
    marks = (found.metadata.annotations.get(TRACKING, "") for found in objects)
    return next((mark.split(":")[0] for mark in marks if ":" in mark), None)
