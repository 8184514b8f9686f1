package homeostat.rules.labels_test

import data.homeostat.rules.labels as rule
import data.homeostat.testing

of(object) := {found.field | some found in rule.violations with input as testing.environment([object])}

labelled(labels) := {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "mlops", "labels": labels}}

test_allows_all_four if {
	count(of(labelled(testing.labels))) == 0
	count(of(testing.workload("Deployment"))) == 0
	count(of(testing.cron_job)) == 0
}

test_denies_each_that_is_missing if {
	every label in object.keys(testing.labels) {
		of(labelled(object.remove(testing.labels, [label]))) == {sprintf("metadata.labels[%s]", [label])}
	}
}

test_denies_another_manager if {
	of(labelled(object.union(testing.labels, {"app.kubernetes.io/managed-by": "Helm"}))) == {"metadata.labels[app.kubernetes.io/managed-by]"}
}

test_denies_a_pod_without if {
	bare := testing.made("Deployment", "d", {"spec": {"template": {"spec": testing.pod.spec}}})
	of(bare) == {
		"spec.template.labels[app.kubernetes.io/name]",
		"spec.template.labels[app.kubernetes.io/component]",
	}
}

test_allows_a_predictor_that_takes_the_labels_of_its_service if {
	count(of(testing.made("InferenceService", "m", {"spec": {"predictor": {"containers": [testing.container]}}}))) == 0
}
