package homeostat.rules.resources_test

import data.homeostat.rules.resources as rule
import data.homeostat.testing

of(object) := {found.field | some found in rule.violations with input as testing.environment([object])}

with_memory(quantity) := testing.pod_with_container({"resources": {"limits": {"memory": quantity}}})

claim(quantity) := testing.made("PersistentVolumeClaim", "data", {"spec": {"resources": {"requests": {"storage": quantity}}}})

test_allows_requests_and_limits if count(of(testing.pod)) == 0

test_denies_no_resources if count(of(testing.pod_without_container_field("resources"))) == 4

test_denies_a_missing_limit if {
	resources := {"requests": testing.container.resources.requests, "limits": {"cpu": "1"}}
	pod := testing.pod_with({"containers": [object.union(object.remove(testing.container, ["resources"]), {"resources": resources})]})
	of(pod) == {"spec.containers[example].resources.limits.memory"}
}

test_allows_canonical_quantities if {
	every quantity in {"1", "250m", "1500m", "64Mi", "1536Mi", "2Gi", "1G", "1500M"} {
		count(of(with_memory(quantity))) == 0
	}
}

test_denies_other_ways_to_write_them if {
	every quantity in {"1000m", "1024Mi", "2048Mi", "1000M", "0.5", "1.5Gi", "1e9", "01Gi", "0", "1gb", 1} {
		of(with_memory(quantity)) == {"spec.containers[example].resources.limits.memory"}
	}
}

test_allows_a_claim_of_canonical_size if count(of(claim("10Gi"))) == 0

test_denies_a_claim_of_another_size if {
	of(claim("10240Mi")) == {"spec.resources.requests.storage"}
	of(testing.made("StatefulSet", "db", {"spec": {
		"template": {"spec": testing.pod.spec},
		"volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}],
	}})) == {"spec.volumeClaimTemplates[data].spec.resources.requests.storage"}
}
