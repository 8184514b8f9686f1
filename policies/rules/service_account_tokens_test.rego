package homeostat.rules.service_account_tokens_test

import data.homeostat.rules.service_account_tokens as rule
import data.homeostat.testing

of(objects) := {found.field | some found in rule.violations with input as testing.environment(objects)}

reader := testing.pod_with({"automountServiceAccountToken": true, "serviceAccountName": "reader"})

binding(subject) := testing.made("RoleBinding", "reader", {
	"roleRef": {"kind": "Role", "name": "reader"},
	"subjects": [object.union({"kind": "ServiceAccount"}, subject)],
})

test_allows_no_token if count(of([testing.pod])) == 0

test_allows_a_token_of_a_bound_account if {
	count(of([reader, binding({"name": "reader"})])) == 0
	count(of([reader, binding({"name": "reader", "namespace": "mlops"})])) == 0
}

test_denies_a_token_that_nothing_needs if of([reader]) == {"spec.automountServiceAccountToken"}

test_denies_silence if {
	silent := object.remove(testing.pod, ["spec"])
	pod := object.union(silent, {"spec": object.remove(testing.pod.spec, ["automountServiceAccountToken"])})
	of([pod]) == {"spec.automountServiceAccountToken"}
}

test_denies_a_token_of_an_account_bound_elsewhere if {
	of([reader, binding({"name": "reader", "namespace": "models"})]) == {"spec.automountServiceAccountToken"}
}

test_denies_roles_for_the_default_account if of([binding({"name": "default"})]) == {"subjects"}
