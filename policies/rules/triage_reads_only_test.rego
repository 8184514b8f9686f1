package homeostat.rules.triage_reads_only_test

import data.homeostat.rules.triage_reads_only as rule
import data.homeostat.testing

of(objects) := {found.field | some found in rule.violations with input as testing.environment(objects)}

role(kind, rules) := {"kind": kind, "metadata": {"name": "reader"}, "rules": rules} if kind == "ClusterRole"

role(kind, rules) := testing.made(kind, "reader", {"rules": rules}) if kind == "Role"

binding(kind, account) := testing.made("RoleBinding", "reader", {
	"roleRef": {"kind": kind, "name": "reader"},
	"subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "observability"}],
})

pods(verbs) := [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}]

test_allows_reading if {
	every kind in {"Role", "ClusterRole"} {
		count(of([role(kind, pods(["get", "list", "watch"])), binding(kind, "triage")])) == 0
	}
}

test_denies_writing if {
	every kind in {"Role", "ClusterRole"} {
		of([role(kind, pods(["get", "delete"])), binding(kind, "triage")]) == {"rules[0].verbs"}
		of([role(kind, pods(["*"])), binding(kind, "triage")]) == {"rules[0].verbs"}
	}
}

test_denies_reading_secrets if {
	secrets := [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
	of([role("Role", secrets), binding("Role", "triage")]) == {"rules[0].resources"}
}

test_denies_a_role_from_elsewhere if of([binding("ClusterRole", "triage")]) == {"roleRef.name"}

test_allows_others_to_write if count(of([role("Role", pods(["delete"])), binding("Role", "kserve")])) == 0
