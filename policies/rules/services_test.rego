package homeostat.rules.services_test

import data.homeostat.rules.services as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

service(namespace, spec) := {"kind": "Service", "metadata": {"name": "s", "namespace": namespace}, "spec": spec}

test_allows_cluster_addresses if {
	count(of(service("mlops", {}))) == 0
	count(of(service("mlops", {"type": "ClusterIP"}))) == 0
}

test_allows_the_ingress if count(of(service("ingress", {"type": "LoadBalancer"}))) == 0

test_denies_ways_around_the_ingress if {
	every type in rule.outside {
		of(service("mlops", {"type": type})) == {"spec.type"}
	}
	of(service("mlops", {"externalIPs": ["192.0.2.1"]})) == {"spec.externalIPs"}
}
