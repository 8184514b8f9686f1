package homeostat.rules.pod_security_test

import data.homeostat.rules.pod_security as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

namespace(labels) := {"kind": "Namespace", "metadata": {"name": "mlops", "labels": labels}}

test_allows_restricted if count(of(namespace({rule.label: "restricted"}))) == 0

test_denies_weaker_standards_and_none if {
	every labels in [{rule.label: "baseline"}, {rule.label: "privileged"}, {}] {
		of(namespace(labels)) == {sprintf("metadata.labels[%s]", [rule.label])}
	}
}
