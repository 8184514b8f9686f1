package homeostat.rules.selected_workloads_test

import data.homeostat.rules.selected_workloads as rule
import data.homeostat.testing

of(objects) := {found.object | some found in rule.violations with input as testing.environment(objects)}

policy(selector) := policy_with(selector, {"ingress": [{"ports": [{"port": 6379}]}]})

policy_with(selector, rules) := testing.made("NetworkPolicy", "example", {"spec": object.union({"podSelector": selector}, rules)})

by_name(name) := {"matchLabels": {"app.kubernetes.io/name": name}}

test_allows_a_selected_pod if {
	count(of([testing.pod, policy(by_name("example"))])) == 0
	count(of([testing.workload("Deployment"), policy(by_name("example"))])) == 0
}

test_allows_selection_by_expressions if {
	every expression in [
		{"key": "app.kubernetes.io/name", "operator": "In", "values": ["other", "example"]},
		{"key": "app.kubernetes.io/name", "operator": "NotIn", "values": ["other"]},
		{"key": "app.kubernetes.io/name", "operator": "Exists"},
		{"key": "other", "operator": "DoesNotExist"},
		{"key": "other", "operator": "NotIn", "values": ["x"]},
	] {
		count(of([testing.pod, policy({"matchExpressions": [expression]})])) == 0
	}
}

test_denies_a_pod_that_nobody_selects if of([testing.pod, policy(by_name("other"))]) == {"Pod mlops/example"}

test_allows_a_pod_that_shares_the_policy_of_its_namespace if count(of([testing.pod, policy({})])) == 0

test_allows_a_pod_that_only_asks if {
	count(of([testing.pod, policy_with(by_name("example"), {"egress": [{"ports": [{"port": 443}]}]})])) == 0
}

test_denies_a_pod_whose_policies_allow_nothing_or_only_dns if {
	of([testing.pod, policy_with({}, {"policyTypes": ["Ingress", "Egress"]})]) == {"Pod mlops/example"}
	of([testing.pod, policy_with({}, {"egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]})]) == {"Pod mlops/example"}
}

test_denies_selection_that_expressions_rule_out if {
	every expression in [
		{"key": "app.kubernetes.io/name", "operator": "In", "values": ["other"]},
		{"key": "app.kubernetes.io/name", "operator": "NotIn", "values": ["example"]},
		{"key": "other", "operator": "Exists"},
		{"key": "app.kubernetes.io/name", "operator": "DoesNotExist"},
	] {
		of([testing.pod, policy({"matchExpressions": [expression]})]) == {"Pod mlops/example"}
	}
}

test_denies_a_policy_of_another_namespace if {
	other := object.union(policy(by_name("example")), {"metadata": {"namespace": "models"}})
	of([testing.pod, other]) == {"Pod mlops/example"}
}
