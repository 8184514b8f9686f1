# The restricted Pod Security Standard and a read-only root file system: what an intruder in a container could
# use is taken away beforehand. Pods may say what holds for all of their containers.
package homeostat.rules.security_context

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	some path, wanted in inherited
	actual := object.get(entry.container, path, object.get(pod.spec, path, null))
	actual != wanted
	field := sprintf("%s.%s", [entry.field, concat(".", path)])
	message := sprintf("%s is '%v', on the pod as well: it should be '%v'.", [field, actual, wanted])
}

inherited := {
	["securityContext", "runAsNonRoot"]: true,
	["securityContext", "seccompProfile", "type"]: "RuntimeDefault",
}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	some name, wanted in own
	actual := object.get(entry.container, ["securityContext", name], null)
	actual != wanted
	field := sprintf("%s.securityContext.%s", [entry.field, name])
	message := sprintf("%s is '%v': it should be '%v'.", [field, actual, wanted])
}

own := {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	dropped := object.get(entry.container, ["securityContext", "capabilities", "drop"], [])
	not "ALL" in dropped
	field := sprintf("%s.securityContext.capabilities.drop", [entry.field])
	message := sprintf("%s is '%s': it should be [ALL].", [field, concat(", ", dropped)])
}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	added := object.get(entry.container, ["securityContext", "capabilities", "add"], [])
	count(added) > 0
	field := sprintf("%s.securityContext.capabilities.add", [entry.field])
	message := sprintf("%s is '%s': leave it out, or argue for it in policies/exceptions.yaml.", [field, concat(", ", added)])
}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some place in array.concat([{"field": pod.path, "spec": pod.spec}], [{"field": entry.field, "spec": entry.container} |
		some entry in kubernetes.containers(pod)
	])
	object.get(place.spec, ["securityContext", "runAsUser"], null) == 0
	field := sprintf("%s.securityContext.runAsUser", [place.field])
	message := sprintf("%s is '0', which is root: name another user.", [field])
}
