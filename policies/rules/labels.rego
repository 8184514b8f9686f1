# Everything says what it is and whose, by the labels that Kubernetes recommends; NetworkPolicies and Prometheus
# go by them, so pods carry the first two as well.
package homeostat.rules.labels

import data.homeostat.lib.kubernetes

domain := "app.kubernetes.io"

named := {"name", "component"}

fixed := {"part-of": "homeostat", "managed-by": "argocd"}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some key in named
	not present(kubernetes.metadata(document.object, "labels"), key)
	field := sprintf("metadata.labels[%s/%s]", [domain, key])
	message := sprintf("%s is missing: it says %s.", [field, meaning[key]])
}

meaning := {"name": "which program the object belongs to", "component": "which part of the platform that program is"}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some key, value in fixed
	labels := kubernetes.metadata(document.object, "labels")
	label := sprintf("%s/%s", [domain, key])
	object.get(labels, label, null) != value
	field := sprintf("metadata.labels[%s]", [label])
	message := sprintf("%s is %s: it should be '%s'.", [field, kubernetes.shown(labels, [label]), value])
}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some key in named
	not present(pod.labels, key)
	field := sprintf("%s.labels[%s/%s]", [trim_suffix(pod.path, ".spec"), domain, key])
	message := sprintf("%s is missing: the pod carries it as well, since NetworkPolicies select by it.", [field])
}

present(labels, key) if labels[sprintf("%s/%s", [domain, key])] != ""
