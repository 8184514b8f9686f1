"""The commands that a person would type, where the alert's service runs: as processes, or in a cluster."""

from __future__ import annotations

from homeostat.release import RELEASES
from triage.evidence.collector import Scope
from triage.evidence.kubernetes.labels import MODEL_LABEL, NAME_LABEL


def read_log(scope: Scope) -> str:
    """Show the end of the service's log."""
    if not scope.is_in_cluster:
        return f"homeostat process logs {scope.service or 'SERVICE'} -n 100"
    container = f" -c {scope.container}" if scope.container else ""
    which = scope.pod or f"-l {_selector(scope)}"
    return f"kubectl -n {_namespace(scope)} logs {which}{container} --tail=100"


def see_status(scope: Scope) -> str:
    """Show what runs, since when, and how often it was restarted."""
    if not scope.is_in_cluster:
        return "homeostat process status"
    which = scope.pod or f"-l {_selector(scope)}"
    return f"kubectl -n {_namespace(scope)} get pods {which} -o wide"


def restart(scope: Scope) -> str:
    """Start it anew, with nothing changed in git."""
    if not scope.is_in_cluster:
        return "make down && make up"
    which = scope.pod or f"-l {_selector(scope)}"
    return f"kubectl -n {_namespace(scope)} delete pod {which}"


def describe_pod(namespace: str, pod: str) -> str:
    """Show all that Kubernetes knows of a pod."""
    return f"kubectl -n {namespace} describe pod {pod}"


def see_application(application: str, namespace: str = "argocd") -> str:
    """Show what Argo CD says of one of its applications."""
    return f"kubectl -n {namespace} describe applications.argoproj.io {application}"


def see_history(scope: Scope) -> str:
    """Show what changed in git: of the model, or of all manifests."""
    path = RELEASES / scope.model if scope.model else RELEASES.parent
    return f"git log --oneline -10 -- {path}"


def _namespace(scope: Scope) -> str:
    return scope.namespace or "NAMESPACE"


def _selector(scope: Scope) -> str:
    if scope.model:
        return f"{MODEL_LABEL}={scope.model}"
    return f"{NAME_LABEL}={scope.service or scope.application or 'SERVICE'}"
