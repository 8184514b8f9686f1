package homeostat.rules.policy_targets_test

import data.homeostat.rules.policy_targets as rule
import data.homeostat.testing

of(objects) := {found.object | some found in rule.violations with input as testing.environment(objects)}

policy(selector) := testing.made("NetworkPolicy", "example", {"spec": {"podSelector": selector}})

test_allows_a_policy_that_selects_a_pod if {
	count(of([testing.pod, policy({"matchLabels": {"app.kubernetes.io/name": "example"}})])) == 0
}

test_allows_a_policy_for_the_whole_namespace if count(of([policy({})])) == 0

test_allows_a_policy_that_selects_a_predictor if {
	predictor := testing.made("InferenceService", "m", {"spec": {"predictor": {"containers": []}}})
	count(of([predictor, policy({"matchLabels": {"component": "predictor"}})])) == 0
}

test_denies_a_misspelt_selector if {
	of([testing.pod, policy({"matchLabels": {"app.kubernetes.io/name": "exampel"}})]) == {"NetworkPolicy mlops/example"}
}

test_denies_a_selector_whose_pod_lives_elsewhere if {
	elsewhere := object.union(testing.pod, {"metadata": {"namespace": "models"}})
	of([elsewhere, policy({"matchLabels": {"app.kubernetes.io/name": "example"}})]) == {"NetworkPolicy mlops/example"}
}
