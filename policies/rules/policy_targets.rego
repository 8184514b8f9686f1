# A NetworkPolicy selects something. One that selects nothing is misspelt, or its workload is gone; either way it
# does not do what it says.
package homeostat.rules.policy_targets

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, "spec.podSelector", message) if {
	some document in kubernetes.documents
	document.object.kind == "NetworkPolicy"
	selector := object.get(document.object.spec, "podSelector", {})
	not kubernetes.selects_everything(selector)
	not hits(kubernetes.namespace_of(document.object), selector)
	message := sprintf("spec.podSelector is '%s', which selects no pod in '%s': compare it with the pods' labels.", [
		json.marshal(selector),
		kubernetes.namespace_of(document.object),
	])
}

hits(namespace, selector) if {
	some pod in kubernetes.pods
	kubernetes.namespace_of(pod.document.object) == namespace
	kubernetes.selects(selector, pod.labels)
}
