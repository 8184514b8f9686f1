# Whatever keeps running says when it may be asked (readiness) and when it must be restarted (liveness).
# Jobs end by themselves and need neither.
package homeostat.rules.probes

import data.homeostat.lib.kubernetes

long_running := {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "InferenceService"}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	pod.document.object.kind in long_running
	some entry in kubernetes.containers(pod)
	entry.role == "container"
	some probe in {"livenessProbe", "readinessProbe"}
	not entry.container[probe]
	field := sprintf("%s.%s", [entry.field, probe])
	message := sprintf("%s is missing: say how to ask the container, by httpGet, tcpSocket, grpc or exec.", [field])
}
