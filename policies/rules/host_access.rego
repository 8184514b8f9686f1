# A container stays in its container: not privileged, and without the host's files, network, processes or ports.
package homeostat.rules.host_access

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, path, message) if {
	some pod in kubernetes.pods
	some field in {"hostNetwork", "hostPID", "hostIPC"}
	object.get(pod.spec, field, false) != false
	path := sprintf("%s.%s", [pod.path, field])
	message := sprintf("%s is '%v': leave it out, or argue for it in policies/exceptions.yaml.", [path, pod.spec[field]])
}

violations contains kubernetes.finding(pod.document, path, message) if {
	some pod in kubernetes.pods
	some volume in object.get(pod.spec, "volumes", [])
	volume.hostPath
	path := sprintf("%s.volumes[%s].hostPath", [pod.path, volume.name])
	message := sprintf("%s is '%s': use a PersistentVolumeClaim, a ConfigMap or an emptyDir.", [path, volume.hostPath.path])
}

violations contains kubernetes.finding(pod.document, path, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	object.get(entry.container, ["securityContext", "privileged"], false) != false
	path := sprintf("%s.securityContext.privileged", [entry.field])
	message := sprintf("%s is 'true': leave it out, or argue for it in policies/exceptions.yaml.", [path])
}

violations contains kubernetes.finding(pod.document, path, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	some port in object.get(entry.container, "ports", [])
	port.hostPort
	path := sprintf("%s.ports[%d].hostPort", [entry.field, port.containerPort])
	message := sprintf("%s is '%d': reach the pod through a Service.", [path, port.hostPort])
}
