package homeostat.rules.probes_test

import data.homeostat.rules.probes as rule
import data.homeostat.testing

of(object) := {found.field | some found in rule.violations with input as testing.environment([object])}

bare := object.remove(testing.container, ["livenessProbe", "readinessProbe"])

test_allows_both_probes if {
	count(of(testing.pod)) == 0
	count(of(testing.workload("Deployment"))) == 0
}

test_denies_a_missing_probe if {
	of(testing.pod_without_container_field("livenessProbe")) == {"spec.containers[example].livenessProbe"}
	of(testing.pod_without_container_field("readinessProbe")) == {"spec.containers[example].readinessProbe"}
}

test_denies_a_predictor_without_probes if {
	of(testing.made("InferenceService", "m", {"spec": {"predictor": {"containers": [bare]}}})) == {
		"spec.predictor.containers[example].livenessProbe",
		"spec.predictor.containers[example].readinessProbe",
	}
}

test_allows_jobs_and_init_containers_without if {
	count(of(testing.made("Job", "j", {"spec": {"template": {"spec": {"containers": [bare]}}}}))) == 0
	count(of(testing.pod_with({"initContainers": [bare]}))) == 0
}

test_denies_a_sidecar_without if {
	sidecar := object.union(bare, {"restartPolicy": "Always"})
	count(of(testing.pod_with({"initContainers": [sidecar]}))) == 2
}
