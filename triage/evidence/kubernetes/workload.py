"""What makes pods: Deployments and their ReplicaSets, the other kinds, and InferenceServices."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from triage.evidence.kubernetes.foreign import Condition, Foreign, Meta
from triage.evidence.kubernetes.pod import PodSpec

REVISION = "deployment.kubernetes.io/revision"
#: how Argo CD marks what it made: ``application:group/kind:namespace/name``
TRACKING = "argocd.argoproj.io/tracking-id"


class Selector(Foreign):
    """Which pods belong to a workload."""

    match_labels: Mapping[str, str] = Field(default_factory=dict[str, str])


class Template(Foreign):
    """The pods that it makes."""

    spec: PodSpec = PodSpec()


class WorkloadSpec(Foreign):
    """What the workload is to be."""

    replicas: int = 1
    selector: Selector = Selector()
    template: Template = Template()


class WorkloadStatus(Foreign):
    """What the workload is; each kind fills its own part."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    # of a DaemonSet
    desired_number_scheduled: int = 0
    number_ready: int = 0
    # of a Job
    succeeded: int = 0
    failed: int = 0
    conditions: tuple[Condition, ...] = ()


class Workload(Foreign):
    """A Deployment, ReplicaSet, StatefulSet, DaemonSet or Job."""

    kind: str = ""
    metadata: Meta = Meta()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()

    @property
    def revision(self) -> int:
        """A ReplicaSet's place in its Deployment's history; zero where there is none."""
        text = self.metadata.annotations.get(REVISION, "")
        return int(text) if text.isdecimal() else 0


class Conditions(Foreign):
    """The part of a status that all kinds of objects share."""

    conditions: tuple[Condition, ...] = ()


class Conditioned(Foreign):
    """An object of any kind, as far as its conditions tell of it."""

    kind: str = ""
    metadata: Meta = Meta()
    status: Conditions = Conditions()


class ModelStatus(Foreign):
    """How far an InferenceService has come in its transition."""

    transition_status: str = ""


class InferenceServiceStatus(Foreign):
    """What KServe says of it."""

    url: str = ""
    conditions: tuple[Condition, ...] = ()
    model_status: ModelStatus = ModelStatus()


class InferenceService(Foreign):
    """One served model."""

    metadata: Meta = Meta()
    status: InferenceServiceStatus = InferenceServiceStatus()
