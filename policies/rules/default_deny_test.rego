package homeostat.rules.default_deny_test

import data.homeostat.rules.default_deny as rule
import data.homeostat.testing

of(objects) := {found.object | some found in rule.violations with input as testing.environment(objects)}

policy(spec) := testing.made("NetworkPolicy", "default-deny", {"spec": spec})

closed := {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

namespace := {"kind": "Namespace", "metadata": {"name": "mlops"}}

test_allows_a_closed_namespace if count(of([namespace, testing.pod, policy(closed)])) == 0

test_denies_an_open_one if of([namespace, testing.pod]) == {"Namespace mlops", "Pod mlops/example"}

test_denies_a_policy_that_is_not_closed if {
	every change in [
		{"policyTypes": ["Ingress"]},
		{"policyTypes": ["Egress"]},
		{"egress": [{}]},
		{"ingress": [{}]},
		{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "example"}}},
	] {
		of([namespace, policy(object.union(closed, change))]) == {"Namespace mlops"}
	}
}

test_denies_a_policy_without_types if of([namespace, policy({"podSelector": {}})]) == {"Namespace mlops"}

test_denies_a_policy_of_another_namespace if {
	other := object.union(policy(closed), {"metadata": {"namespace": "models"}})
	of([namespace, other]) == {"Namespace mlops"}
}
