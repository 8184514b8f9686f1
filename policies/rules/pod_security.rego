# The API server itself refuses what these rules would: every namespace enforces the restricted Pod Security
# Standard, so that what comes by another way is judged as well.
package homeostat.rules.pod_security

import data.homeostat.lib.kubernetes

label := "pod-security.kubernetes.io/enforce"

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "Namespace"
	labels := kubernetes.metadata(document.object, "labels")
	object.get(labels, label, "") != "restricted"
	field := sprintf("metadata.labels[%s]", [label])
	message := sprintf("%s is %s: it should be 'restricted'.", [field, kubernetes.shown(labels, [label])])
}
