"""Who talks to whom, and why: every connection that the platform needs, and with it all that it may make.

A name is ``namespace/workload``, or one of ``node`` (a machine of the cluster other than the pod's own, with
the API server and the kubelets), ``internet`` and ``host`` (the machine that the local cluster runs on, which
serves its git repository). ``*`` stands for any part of a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.contract.overlays import ENVIRONMENTS
from tests.netpol.endpoints import Port
from tests.netpol.world import World

API, KUBELET, HTTPS, SSH = 6443, 10250, 443, 22
#: where the proxy listens, without and with TLS
WEB = (8080, 8443)


@dataclass(frozen=True, slots=True)
class Edge:
    """Connections that must pass, for the reason that the sentence gives."""

    source: str
    destination: str
    #: none means every port
    ports: tuple[Port, ...]
    sentence: str
    environments: tuple[str, ...] = ENVIRONMENTS

    def __str__(self) -> str:
        """How a test is called."""
        numbers = ",".join(f"{port.number}" for port in self.ports) or "any"
        return f"{self.source}-to-{self.destination}:{numbers}"

    def covers(self, source: str, destination: str, port: Port) -> bool:
        """Whether the connection is one of these."""
        named = fnmatchcase(source, self.source) and fnmatchcase(destination, self.destination)
        return named and (not self.ports or port in self.ports)


def edge(
    source: str, destination: str, ports: int | tuple[int, ...], sentence: str, *environments: str
) -> Edge:
    """An edge over TCP."""
    numbers = (ports,) if isinstance(ports, int) else ports
    return Edge(source, destination, tuple(map(Port, numbers)), sentence, environments or ENVIRONMENTS)


_DNS = Edge("*/*", "kube-system/dns", (Port(53, "UDP"), Port(53)), "Every pod asks the cluster for names.")

EDGES: tuple[Edge, ...] = (
    _DNS,
    # Argo CD
    edge("argocd/*", "argocd/*", (), "Argo CD's parts talk to each other at many ports."),
    edge("argocd/*", "node", API, "Argo CD compares and applies through the API server."),
    edge("argocd/*", "internet", (HTTPS, SSH), "Argo CD reads git and charts.", "homelab"),
    edge("argocd/*", "node", (HTTPS, SSH), "A git server may be at home as well.", "homelab"),
    edge("argocd/*", "host", (), "Argo CD reads git.", "local"),
    edge(
        "argocd/argocd-notifications-controller",
        "observability/triage",
        8090,
        "Argo CD posts failed syncs and degraded applications to triage.",
    ),
    # what is observed, and by whom
    edge("observability/prometheus", "argocd/*", (8082, 8083, 8084, 9001), "Prometheus scrapes Argo CD."),
    edge(
        "observability/prometheus",
        "node",
        (API, KUBELET),
        "Prometheus finds its targets by the API server and scrapes the kubelets' containers.",
    ),
    edge("observability/prometheus", "observability/alertmanager", 9093, "Prometheus sends alerts."),
    edge(
        "observability/alertmanager", "observability/triage", 8090, "Alertmanager posts incidents to triage."
    ),
    edge("observability/triage", "observability/prometheus", 9090, "Triage gathers metrics as evidence."),
    edge("observability/triage", "mlops/mlflow", 5000, "Triage compares the runs of a model that drifts."),
    edge("observability/triage", "node", API, "Triage reads events, pods and logs as evidence."),
    edge(
        "observability/triage",
        "internet",
        HTTPS,
        "Triage asks a language model's provider and posts to Slack and GitHub.",
        "homelab",
    ),
    edge("observability/triage", "host", 9418, "Triage reads the commits of an incident.", "local"),
    edge(
        "observability/grafana", "observability/prometheus", 9090, "Dashboards query Prometheus.", "homelab"
    ),
    edge("observability/kube-state-metrics", "node", API, "It tells of Kubernetes' objects.", "homelab"),
    # the record of experiments
    edge("mlops/mlflow", "mlops/mlflow-postgresql", 5432, "MLflow keeps its record in PostgreSQL."),
    edge("mlops/mlflow-backup", "mlops/mlflow-postgresql", 5432, "The backup dumps the record."),
    edge("mlops/mlflow-restore", "mlops/mlflow-postgresql", 5432, "A restore loads a dump."),
    edge("ci/github-runner", "mlops/mlflow", 5000, "Training on the runner logs to MLflow.", "homelab"),
    edge("ci/github-runner", "internet", HTTPS, "The runner takes its jobs from GitHub.", "homelab"),
    # serving
    edge("kserve/kserve-stand-in", "node", API, "It turns InferenceServices into Deployments.", "local"),
    # people and pipelines on the machine of the local cluster; a Service may show them as the node
    *(
        edge(source, destination, port, sentence, "local")
        for source in ("host", "node")
        for destination, port, sentence in (
            ("mlops/mlflow", 5000, "Training on this machine logs to MLflow."),
            ("models/*-predictor", 8080, "A client on this machine asks the models."),
            ("observability/prometheus", 9090, "A person on this machine queries metrics."),
            ("observability/alertmanager", 9093, "A person on this machine looks at alerts."),
            ("observability/triage", 8090, "A person on this machine reads reports."),
            ("ingress/traefik", WEB, "People on this machine come in by the proxy."),
        )
    ),
    edge("kserve/kserve-controller-manager", "node", API, "It does so in the homelab.", "homelab"),
    edge(
        "node", "kserve/kserve-controller-manager", 9443, "The API server asks KServe's webhooks.", "homelab"
    ),
    # certificates
    edge(
        "cert-manager/*",
        "node",
        API,
        "cert-manager makes certificates of what the API server holds.",
        "homelab",
    ),
    edge(
        "node",
        "cert-manager/cert-manager-webhook",
        10250,
        "The API server asks cert-manager's webhook.",
        "homelab",
    ),
    # from outside
    edge("internet", "ingress/traefik", WEB, "People and clients come in by the proxy.", "homelab"),
    edge("node", "ingress/traefik", WEB, "K3s's load balancer hands them on.", "homelab"),
    edge("ingress/traefik", "ingress/api-keys", 8091, "The proxy asks whether an API key is known."),
    edge("ingress/traefik", "models/*-predictor", 8080, "Clients ask the models."),
    edge("ingress/traefik", "mlops/mlflow", 5000, "People read the record of experiments."),
    edge("ingress/traefik", "observability/prometheus", 9090, "People query metrics."),
    edge("ingress/traefik", "observability/alertmanager", 9093, "People silence alerts."),
    edge("ingress/traefik", "observability/triage", 8090, "People read reports."),
    edge("ingress/traefik", "observability/grafana", 3000, "People look at dashboards.", "homelab"),
    edge("ingress/traefik", "argocd/argocd-server", 8080, "People look at applications.", "homelab"),
)


def expected(environment: str, world: World) -> tuple[Edge, ...]:
    """The table's edges in the environment, with Prometheus's to all pods that ask to be scraped."""
    stated = tuple(found for found in EDGES if environment in found.environments)
    scrapes = tuple(
        Edge(
            "observability/prometheus",
            name,
            (port,),
            f"Prometheus scrapes {name}, whose annotations ask for it.",
        )
        for name, port in _scraped(world).items()
    )
    return stated + scrapes


def _scraped(world: World) -> Mapping[str, Port]:
    return {name: port for name, port in world.scraped.items() if name != "observability/prometheus"}
