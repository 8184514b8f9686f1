package homeostat.rules.namespaces_test

import data.homeostat.rules.namespaces as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

service(metadata) := {"kind": "Service", "metadata": object.union({"name": "s"}, metadata)}

test_allows_a_named_namespace if count(of(service({"namespace": "mlops"}))) == 0

test_allows_kinds_that_live_in_none if {
	every kind in {"Namespace", "ClusterRole", "CustomResourceDefinition"} {
		count(of({"kind": kind, "metadata": {"name": "x"}})) == 0
	}
}

test_denies_none if of(service({})) == {"metadata.namespace"}

test_denies_the_namespaces_that_are_not_ours if {
	of(service({"namespace": "default"})) == {"metadata.namespace"}
	of(service({"namespace": "kube-system"})) == {"metadata.namespace"}
}
