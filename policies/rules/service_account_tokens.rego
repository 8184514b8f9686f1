# A pod holds a token of the API server only if some role gives its service account something to do there.
package homeostat.rules.service_account_tokens

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	object.get(pod.spec, "automountServiceAccountToken", null) != false
	account := object.get(pod.spec, "serviceAccountName", "default")
	not bound(kubernetes.namespace_of(pod.document.object), account)
	field := sprintf("%s.automountServiceAccountToken", [pod.path])
	message := sprintf(
		"%s is %s, and no RoleBinding names the ServiceAccount '%s': it should be 'false'.",
		[field, kubernetes.shown(pod.spec, ["automountServiceAccountToken"]), account],
	)
}

# The account 'default' is every other pod's as well.
violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some subject in subjects(document.object)
	subject.name == "default"
	field := "subjects"
	message := sprintf("%s names the ServiceAccount 'default' of '%s': give the workload an account of its own.", [
		field,
		subject_namespace(subject, document.object),
	])
}

bound(namespace, account) if {
	some binding in kubernetes.objects
	some subject in subjects(binding)
	subject.name == account
	subject_namespace(subject, binding) == namespace
}

subject_namespace(subject, binding) := object.get(subject, "namespace", kubernetes.namespace_of(binding))

subjects(binding) := [subject |
	binding.kind in {"RoleBinding", "ClusterRoleBinding"}
	some subject in object.get(binding, "subjects", [])
	subject.kind == "ServiceAccount"
]
