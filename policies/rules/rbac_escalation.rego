# No role lets its holder become someone else, or everyone: by granting itself more, by making tokens, by entering
# pods, or by being given to all who ask.
package homeostat.rules.rbac_escalation

import data.homeostat.lib.kubernetes

verbs := {"escalate", "bind", "impersonate"}

creating := {"serviceaccounts/token", "pods/exec", "pods/attach", "pods/portforward"}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some number, rule in rules(document.object)
	some verb in rule.verbs
	verb in verbs
	field := sprintf("rules[%d].verbs", [number])
	message := sprintf("%s has '%s', which grants rights that the role does not name: leave it out.", [field, verb])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some number, rule in rules(document.object)
	"create" in rule.verbs
	some resource in object.get(rule, "resources", [])
	resource in creating
	field := sprintf("rules[%d].resources", [number])
	message := sprintf("%s has '%s' with 'create', which is as much as being that pod or account: leave it out.", [field, resource])
}

violations contains kubernetes.finding(document, "subjects", message) if {
	some document in kubernetes.documents
	document.object.kind in {"RoleBinding", "ClusterRoleBinding"}
	some subject in object.get(document.object, "subjects", [])
	subject.name in {"system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts", "system:masters"}
	message := sprintf("subjects has '%s': name the accounts that need it.", [subject.name])
}

rules(resource) := object.get(resource, "rules", []) if resource.kind in {"Role", "ClusterRole"}
