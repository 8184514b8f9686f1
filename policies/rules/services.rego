# Traffic from outside comes in by the ingress and nowhere else: there it meets TLS, a login and limits.
package homeostat.rules.services

import data.homeostat.lib.kubernetes

outside := {"NodePort", "LoadBalancer", "ExternalName"}

violations contains kubernetes.finding(document, "spec.type", message) if {
	some document in kubernetes.documents
	document.object.kind == "Service"
	kubernetes.namespace_of(document.object) != "ingress"
	document.object.spec.type in outside
	message := sprintf("spec.type is '%s': it should be 'ClusterIP', since only the ingress is reachable from outside.", [document.object.spec.type])
}

violations contains kubernetes.finding(document, "spec.externalIPs", message) if {
	some document in kubernetes.documents
	document.object.kind == "Service"
	count(object.get(document.object, ["spec", "externalIPs"], [])) > 0
	message := sprintf("spec.externalIPs is '%s': leave it out.", [concat(", ", document.object.spec.externalIPs)])
}
