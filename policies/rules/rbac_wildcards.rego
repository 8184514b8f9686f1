# A role names what it may do: a wildcard also grants what is invented next year, and cluster-admin everything.
package homeostat.rules.rbac_wildcards

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind in {"Role", "ClusterRole"}
	some number, rule in object.get(document.object, "rules", [])
	some list in {"apiGroups", "resources", "verbs", "nonResourceURLs"}
	some value in object.get(rule, list, [])
	contains(value, "*")
	field := sprintf("rules[%d].%s", [number, list])
	message := sprintf("%s has '%s': name each one that is needed.", [field, value])
}

violations contains kubernetes.finding(document, "roleRef.name", message) if {
	some document in kubernetes.documents
	document.object.kind in {"RoleBinding", "ClusterRoleBinding"}
	document.object.roleRef.name in {"cluster-admin", "admin", "edit"}
	message := sprintf("roleRef.name is '%s': bind a role of its own that names what is needed.", [document.object.roleRef.name])
}
