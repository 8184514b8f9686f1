package homeostat.rules.plain_secrets_test

import data.homeostat.rules.plain_secrets as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

test_allows_an_empty_secret if count(of(testing.made("Secret", "s", {"type": "Opaque"}))) == 0

test_allows_data_of_other_kinds if count(of(testing.made("ConfigMap", "c", {"data": {"token": "eA=="}}))) == 0

test_denies_values if {
	of(testing.made("Secret", "s", {"data": {"token": "eA=="}, "stringData": {"password": "x"}})) == {
		"data.token",
		"stringData.password",
	}
}

test_never_repeats_the_value if {
	found := rule.violations with input as testing.environment([testing.made("Secret", "s", {"stringData": {"key": "hunter2"}})])
	every violation in found {
		not contains(violation.msg, "hunter2")
	}
}
