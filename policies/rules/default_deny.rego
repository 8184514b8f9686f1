# In every namespace nothing may speak or be spoken to unless a further policy says so.
package homeostat.rules.default_deny

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, "metadata.namespace", message) if {
	some document in kubernetes.documents
	namespace := home(document.object)
	not closed(namespace)
	message := sprintf(
		"the namespace '%s' has no NetworkPolicy with podSelector {}, policyTypes [Ingress, Egress] and no rules: add one in manifests/namespaces.",
		[namespace],
	)
}

# A Namespace itself, and what makes pods in one.
home(resource) := resource.metadata.name if resource.kind == "Namespace"

home(resource) := kubernetes.namespace_of(resource) if {
	some pod in kubernetes.pods
	pod.document.object == resource
}

closed(namespace) if {
	some policy in kubernetes.of_kind("NetworkPolicy")
	kubernetes.namespace_of(policy) == namespace
	kubernetes.selects_everything(object.get(policy.spec, "podSelector", {}))
	{type | some type in object.get(policy.spec, "policyTypes", [])} == {"Ingress", "Egress"}
	object.get(policy.spec, "ingress", []) == []
	object.get(policy.spec, "egress", []) == []
}
