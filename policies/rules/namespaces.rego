# An object says which namespace it is for: what is judged here, what Argo CD applies and what a person applies by
# hand is then the same.
package homeostat.rules.namespaces

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, "metadata.namespace", message) if {
	some document in kubernetes.documents
	not document.object.kind in kubernetes.cluster_scoped
	kubernetes.namespace_of(document.object) in {"", "default", "kube-system"}
	message := sprintf("metadata.namespace is '%s': name the component's namespace.", [kubernetes.namespace_of(document.object)])
}
