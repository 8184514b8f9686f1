# Someone has thought about whom each workload talks to: a policy that allows more than DNS selects it. That nobody
# has is told here, and not by a connection that times out in the cluster.
package homeostat.rules.selected_workloads

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, "", message) if {
	some pod in kubernetes.pods
	not selected(kubernetes.namespace_of(pod.document.object), pod.labels)
	message := sprintf(
		"no NetworkPolicy in '%s' selects its pods and allows them anything but DNS: say whom they talk to.",
		[kubernetes.namespace_of(pod.document.object)],
	)
}

selected(namespace, labels) if {
	some policy in kubernetes.of_kind("NetworkPolicy")
	kubernetes.namespace_of(policy) == namespace
	kubernetes.selects(object.get(policy.spec, "podSelector", {}), labels)
	allows_more_than_dns(policy.spec)
}

allows_more_than_dns(spec) if count(object.get(spec, "ingress", [])) > 0

allows_more_than_dns(spec) if {
	some rule in object.get(spec, "egress", [])
	not only_dns(rule)
}

only_dns(rule) if {
	count(object.get(rule, "ports", [])) > 0
	every port in rule.ports {
		port.port == 53
	}
}
