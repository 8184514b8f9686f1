# Someone has thought about whom each workload talks to: a policy selects it by its labels. That nobody has is
# told here, and not by a connection that times out in the cluster.
package homeostat.rules.selected_workloads

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, "", message) if {
	some pod in kubernetes.pods
	not selected(kubernetes.namespace_of(pod.document.object), pod.labels)
	message := sprintf(
		"no NetworkPolicy in '%s' selects its pods by their labels: say whom they may talk to.",
		[kubernetes.namespace_of(pod.document.object)],
	)
}

selected(namespace, labels) if {
	some policy in kubernetes.of_kind("NetworkPolicy")
	kubernetes.namespace_of(policy) == namespace
	selector := object.get(policy.spec, "podSelector", {})
	not kubernetes.selects_everything(selector)
	kubernetes.selects(selector, labels)
}
