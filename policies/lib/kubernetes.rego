# What the rules know about Kubernetes: the objects of one environment, the pods that they become, and whom
# selectors select. The input is
#   {"environment": "homelab" or "local",
#    "documents": [{"source": folder or file it was rendered from, "object": the Kubernetes object}, ...]}
package homeostat.lib.kubernetes

# Kinds that live in no namespace; all other kinds must say theirs.
cluster_scoped := {
	"APIService",
	"ClusterIssuer",
	"ClusterRole",
	"ClusterRoleBinding",
	"ClusterServingRuntime",
	"ClusterStorageContainer",
	"CustomResourceDefinition",
	"IngressClass",
	"MutatingWebhookConfiguration",
	"Namespace",
	"PersistentVolume",
	"PriorityClass",
	"RuntimeClass",
	"StorageClass",
	"ValidatingAdmissionPolicy",
	"ValidatingAdmissionPolicyBinding",
	"ValidatingWebhookConfiguration",
}

documents := input.documents

objects := [document.object | some document in documents]

of_kind(kind) := [resource | some resource in objects; resource.kind == kind]

namespace_of(resource) := object.get(resource.metadata, "namespace", "")

# How sentences and exceptions name an object: "Deployment mlops/redis", "Namespace mlops".
identity(resource) := sprintf("%s %s", [resource.kind, resource.metadata.name]) if namespace_of(resource) == ""

identity(resource) := sprintf("%s %s/%s", [resource.kind, namespace_of(resource), resource.metadata.name]) if {
	namespace_of(resource) != ""
}

# A finding: which object and field, and the sentence. 'source' says which overlay's test fails for it.
finding(document, field, message) := {
	"source": document.source,
	"object": identity(document.object),
	"field": field,
	"msg": sprintf("%s: %s", [identity(document.object), message]),
}

# Every pod that the objects become: {"document", "path" of its spec, "spec", "labels", "annotations"}.
pods := [pod | some document in documents; pod := pod_of(document)]

pod_of(document) := template(document, "spec.template", document.object.spec.template) if {
	document.object.kind in {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}
}

pod_of(document) := template(document, "spec.jobTemplate.spec.template", made) if {
	document.object.kind == "CronJob"
	made := document.object.spec.jobTemplate.spec.template
}

pod_of(document) := template(document, "", document.object) if document.object.kind == "Pod"

# KServe copies the InferenceService's labels and annotations, then the predictor's, onto the pods.
pod_of(document) := {
	"document": document,
	"path": "spec.predictor",
	"spec": predictor,
	"labels": object.union_n([metadata(document.object, "labels"), object.get(predictor, "labels", {}), own]),
	"annotations": object.union(metadata(document.object, "annotations"), object.get(predictor, "annotations", {})),
} if {
	document.object.kind == "InferenceService"
	predictor := document.object.spec.predictor
	own := {
		"app": sprintf("isvc.%s-predictor", [document.object.metadata.name]),
		"component": "predictor",
		"serving.kserve.io/inferenceservice": document.object.metadata.name,
	}
}

template(document, path, made) := {
	"document": document,
	"path": trim_prefix(sprintf("%s.spec", [path]), "."),
	"spec": made.spec,
	"labels": object.get(made, ["metadata", "labels"], {}),
	"annotations": object.get(made, ["metadata", "annotations"], {}),
}

metadata(resource, field) := object.get(resource.metadata, field, {})

# The containers of a pod with the field that they stand in: [{"field", "container", "role"}], where a sidecar
# (an init container that keeps running) has the role of a container.
containers(pod) := array.concat(
	[entry |
		some container in object.get(pod.spec, "initContainers", [])
		entry := {
			"field": sprintf("%s.initContainers[%s]", [pod.path, container.name]),
			"container": container,
			"role": init_role(container),
		}
	],
	[entry |
		some container in object.get(pod.spec, "containers", [])
		entry := {
			"field": sprintf("%s.containers[%s]", [pod.path, container.name]),
			"container": container,
			"role": "container",
		}
	],
)

init_role(container) := "container" if container.restartPolicy == "Always"

init_role(container) := "init" if object.get(container, "restartPolicy", "") != "Always"

# Whether a label selector (metav1.LabelSelector) selects the labels; the empty one selects all.
selects(selector, labels) if {
	every key, value in object.get(selector, "matchLabels", {}) {
		labels[key] == value
	}
	every expression in object.get(selector, "matchExpressions", []) {
		matches(expression, labels)
	}
}

matches(expression, labels) if {
	expression.operator == "In"
	labels[expression.key] in expression.values
}

matches(expression, labels) if {
	expression.operator == "NotIn"
	not object.get(labels, expression.key, null) in expression.values
}

matches(expression, labels) if {
	expression.operator == "Exists"
	expression.key in object.keys(labels)
}

matches(expression, labels) if {
	expression.operator == "DoesNotExist"
	not expression.key in object.keys(labels)
}

selects_everything(selector) if {
	object.get(selector, "matchLabels", {}) == {}
	object.get(selector, "matchExpressions", []) == []
}

# What a sentence calls a value that may be missing.
shown(holder, path) := sprintf("'%v'", [value]) if {
	value := object.get(holder, path, null)
	value != null
}

shown(holder, path) := "missing" if object.get(holder, path, null) == null
