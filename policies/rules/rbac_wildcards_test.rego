package homeostat.rules.rbac_wildcards_test

import data.homeostat.rules.rbac_wildcards as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

granting(fields) := testing.made("ClusterRole", "r", {"rules": [object.union(
	{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
	fields,
)]})

bound_to(name) := testing.made("ClusterRoleBinding", "b", {"roleRef": {"kind": "ClusterRole", "name": name}})

test_allows_named_verbs_and_resources if count(of(granting({}))) == 0

test_denies_wildcards if {
	every list in {"apiGroups", "resources", "verbs", "nonResourceURLs"} {
		of(granting({list: ["*"]})) == {sprintf("rules[0].%s", [list])}
	}
	of(granting({"resources": ["pods/*"]})) == {"rules[0].resources"}
}

test_allows_a_role_of_its_own if count(of(bound_to("reader"))) == 0

test_denies_the_roles_that_allow_everything if {
	every name in {"cluster-admin", "admin", "edit"} {
		of(bound_to(name)) == {"roleRef.name"}
	}
}
