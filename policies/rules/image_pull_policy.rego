# A node that has the image runs it: with exact versions nothing newer can hide behind the same name, and a
# registry that is away must not stop a pod.
package homeostat.rules.image_pull_policy

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	policy := object.get(entry.container, "imagePullPolicy", "IfNotPresent")
	policy != "IfNotPresent"
	field := sprintf("%s.imagePullPolicy", [entry.field])
	message := sprintf("%s is '%s': the image is pinned, so it should be 'IfNotPresent'.", [field, policy])
}
