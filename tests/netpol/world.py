"""A cluster as its manifests describe it: one pod for each workload, and the policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from tests.netpol.endpoints import NAME_LABEL, Node, Outside, Pod, Port
from tests.netpol.policy import Policy

Object = Mapping[str, Any]

#: K3s's range of pods, which the local cluster has too
POD_ADDRESSES = ip_address("10.42.0.10")
#: any address that is none of ours (RFC 5737)
INTERNET = Outside(ip_address("203.0.113.7"))
#: a node that a pod is not on, by environment; a homelab's addresses are its owner's, but private ones
OTHER_NODES = {
    "local": Node("other", ip_address("10.99.0.1")),
    "homelab": Node("other", ip_address("192.168.1.11")),
}
#: the machine that the local cluster runs on, at its end of the cluster's network
HOST = Outside(ip_address("10.99.0.254"))
#: where the cluster's own DNS lives; it comes with K3s, and with the local provider
DNS_NAMESPACE, DNS_LABELS = "kube-system", {"k8s-app": "kube-dns"}


@dataclass(frozen=True)
class World:
    """Who is there, and what the policies are."""

    pods: Mapping[str, Pod]
    #: ports that the containers declare, by pod
    declared: Mapping[str, frozenset[Port]]
    #: port that Prometheus asks, for the pods that say so
    scraped: Mapping[str, Port]
    #: workloads in the host's network, which no policy is about
    on_host: frozenset[str]
    policies: Sequence[Policy]


def world(objects: Iterable[Object]) -> World:
    """Read it from the rendered objects of one environment."""
    found = list(objects)
    namespaces = _namespace_labels(found)
    templates = [(name, namespace, made) for item in found for name, namespace, made in _templates(item)]
    templates.append(("dns", DNS_NAMESPACE, {"metadata": {"labels": DNS_LABELS}, "spec": {"containers": []}}))
    pods: dict[str, Pod] = {}
    on_host: set[str] = set()
    for number, (name, namespace, made) in enumerate(sorted(templates, key=lambda entry: entry[:2])):
        key = f"{namespace}/{name}"
        if made["spec"].get("hostNetwork"):
            on_host.add(key)
        else:
            labels = namespaces.get(namespace, {NAME_LABEL: namespace})
            pods[key] = _pod(name, namespace, made, labels, number)
    of_pods = {f"{namespace}/{name}": made for name, namespace, made in templates}
    return World(
        pods=pods,
        declared={key: frozenset(_ports(of_pods[key]["spec"]).values()) for key in pods},
        scraped={key: port for key in pods if (port := _scraped(of_pods[key]))},
        on_host=frozenset(on_host),
        policies=[Policy.parse(item) for item in found if item["kind"] == "NetworkPolicy"],
    )


def _namespace_labels(objects: Sequence[Object]) -> Mapping[str, Mapping[str, str]]:
    namespaces = [item["metadata"] for item in objects if item["kind"] == "Namespace"]
    return {item["name"]: {**item.get("labels", {}), NAME_LABEL: item["name"]} for item in namespaces}


def _templates(item: Object) -> Iterable[tuple[str, str, Object]]:
    """Name, namespace and pod template of what an object runs."""
    name, namespace = item["metadata"]["name"], item["metadata"].get("namespace", "")
    match item["kind"]:
        case "Deployment" | "StatefulSet" | "DaemonSet" | "Job":
            yield name, namespace, item["spec"]["template"]
        case "CronJob":
            yield name, namespace, item["spec"]["jobTemplate"]["spec"]["template"]
        case "Pod":
            yield name, namespace, item
        case "InferenceService":
            yield f"{name}-predictor", namespace, _predictor(item)
        case _:
            return


def _predictor(item: Object) -> Object:
    """What KServe makes of it: labels and annotations of the service, then the predictor's, then its own."""
    name, predictor = item["metadata"]["name"], item["spec"]["predictor"]
    own = {
        "app": f"isvc.{name}-predictor",
        "component": "predictor",
        "serving.kserve.io/inferenceservice": name,
    }
    metadata = {
        key: {**item["metadata"].get(key, {}), **predictor.get(key, {}), **(own if key == "labels" else {})}
        for key in ("labels", "annotations")
    }
    return {"metadata": metadata, "spec": predictor}


def _pod(name: str, namespace: str, made: Object, namespace_labels: Mapping[str, str], number: int) -> Pod:
    return Pod(
        namespace=namespace,
        name=name,
        labels=made.get("metadata", {}).get("labels", {}),
        namespace_labels=namespace_labels,
        address=POD_ADDRESSES + number,
        ports=_ports(made["spec"]),
        # each on a machine of its own: that two pods may share one must not be what lets them talk
        node=f"node-of-{namespace}-{name}",
    )


def _ports(spec: Object) -> Mapping[str, Port]:
    """The declared ports by name; one without a name goes by its number."""
    declared = [port for container in spec.get("containers", ()) for port in container.get("ports", ())]
    return {
        port.get("name", str(port["containerPort"])): Port(port["containerPort"], port.get("protocol", "TCP"))
        for port in declared
    }


def _scraped(made: Object) -> Port | None:
    annotations = made.get("metadata", {}).get("annotations", {})
    if annotations.get("prometheus.io/scrape") != "true":
        return None
    return Port(int(annotations["prometheus.io/port"]))
