package homeostat.rules.image_pull_policy_test

import data.homeostat.rules.image_pull_policy as rule
import data.homeostat.testing

of(pod) := found if {
	found := rule.violations with input as testing.environment([pod])
}

test_allows_the_default if count(of(testing.pod)) == 0

test_allows_if_not_present if count(of(testing.pod_with_container({"imagePullPolicy": "IfNotPresent"}))) == 0

test_denies_always_and_never if {
	every policy in {"Always", "Never"} {
		count(of(testing.pod_with_container({"imagePullPolicy": policy}))) == 1
	}
}
