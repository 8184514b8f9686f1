package homeostat.rules.rbac_escalation_test

import data.homeostat.rules.rbac_escalation as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

granting(resources, verbs) := testing.made("Role", "r", {"rules": [{"apiGroups": [""], "resources": resources, "verbs": verbs}]})

bound_to(name) := testing.made("RoleBinding", "b", {"subjects": [{"kind": "Group", "name": name}]})

test_allows_ordinary_rights if count(of(granting(["pods", "pods/log"], ["get", "list", "create"]))) == 0

test_denies_verbs_that_grant_more if {
	every verb in rule.verbs {
		of(granting(["clusterroles"], [verb])) == {"rules[0].verbs"}
	}
}

test_denies_making_tokens_and_entering_pods if {
	every resource in rule.creating {
		of(granting([resource], ["create"])) == {"rules[0].resources"}
	}
}

test_allows_a_named_group if count(of(bound_to("operators"))) == 0

test_denies_everyone if {
	of(bound_to("system:authenticated")) == {"subjects"}
	of(bound_to("system:serviceaccounts")) == {"subjects"}
}
