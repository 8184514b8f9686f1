# Triage advises: what its accounts may do in the cluster is to read, and secrets not even that.
package homeostat.rules.triage_reads_only

import data.homeostat.lib.kubernetes

reading := {"get", "list", "watch"}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some number, rule in roles_of_triage[kubernetes.identity(document.object)]
	some verb in rule.verbs
	not verb in reading
	field := sprintf("rules[%d].verbs", [number])
	message := sprintf("%s has '%s': triage reads and nothing else, so get, list and watch are all.", [field, verb])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some number, rule in roles_of_triage[kubernetes.identity(document.object)]
	some resource in object.get(rule, "resources", [])
	resource in {"secrets", "*"}
	field := sprintf("rules[%d].resources", [number])
	message := sprintf("%s has '%s': evidence must not hold secrets, so triage does not read them.", [field, resource])
}

# A role from elsewhere can't be judged here.
violations contains kubernetes.finding(document, "roleRef.name", message) if {
	some document in kubernetes.documents
	binds_triage(document.object)
	not role_of(document.object) in object.keys(rules_of)
	message := sprintf("roleRef.name is '%s': bind a role that lies in these manifests, so that it can be judged.", [document.object.roleRef.name])
}

roles_of_triage[identity] := rules if {
	some binding in kubernetes.objects
	binds_triage(binding)
	identity := role_of(binding)
	rules := rules_of[identity]
}

rules_of[identity] := object.get(role, "rules", []) if {
	some role in kubernetes.objects
	role.kind in {"Role", "ClusterRole"}
	identity := kubernetes.identity(role)
}

binds_triage(binding) if {
	binding.kind in {"RoleBinding", "ClusterRoleBinding"}
	some subject in object.get(binding, "subjects", [])
	subject.kind == "ServiceAccount"
	startswith(subject.name, "triage")
}

role_of(binding) := sprintf("ClusterRole %s", [binding.roleRef.name]) if binding.roleRef.kind == "ClusterRole"

role_of(binding) := sprintf("Role %s/%s", [kubernetes.namespace_of(binding), binding.roleRef.name]) if {
	binding.roleRef.kind == "Role"
}
