package homeostat.rules.inference_services_test

import data.homeostat.rules.inference_services as rule
import data.homeostat.testing

of(objects) := {found.field | some found in rule.violations with input as testing.environment(objects)}

container := object.union(testing.container, {
	"name": "kserve-container",
	"ports": [{"containerPort": 8080, "protocol": "TCP"}],
	"lifecycle": {"preStop": {"sleep": {"seconds": 10}}},
})

service(predictor) := testing.made("InferenceService", "m", {
	"metadata": {"annotations": {"serving.kserve.io/deploymentMode": "Standard"}},
	"spec": {"predictor": object.union({"minReplicas": 1, "maxReplicas": 3, "containers": [container]}, predictor)},
})

budget := testing.made("PodDisruptionBudget", "m", {"spec": {"selector": {"matchLabels": {"serving.kserve.io/inferenceservice": "m"}}}})

test_allows_a_service_that_needs_no_additions if count(of([service({}), budget])) == 0

test_denies_another_deployment_mode if {
	other := object.union(service({}), {"metadata": {"annotations": {"serving.kserve.io/deploymentMode": "Knative"}}})
	of([other, budget]) == {"metadata.annotations[serving.kserve.io/deploymentMode]"}
}

test_denies_another_name_for_the_first_container if {
	other := object.union(container, {"name": "model"})
	of([service({"containers": [other]}), budget]) == {"spec.predictor.containers[0].name"}
}

test_denies_a_predictor_without_a_container_of_its_own if {
	"spec.predictor.containers[0].name" in of([service({"containers": []}), budget])
}

test_denies_canaries if of([service({"canaryTrafficPercent": 10}), budget]) == {"spec.predictor.canaryTrafficPercent"}

test_denies_a_port_without_its_protocol if {
	other := object.union(container, {"ports": [{"containerPort": 8080}]})
	of([service({"containers": [other]}), budget]) == {"spec.predictor.containers[kserve-container].ports[8080].protocol"}
}

test_denies_stopping_at_once if {
	other := object.remove(container, ["lifecycle"])
	of([service({"containers": [other]}), budget]) == {"spec.predictor.containers[kserve-container].lifecycle.preStop"}
}

test_denies_more_at_least_than_at_most if of([service({"minReplicas": 4}), budget]) == {"spec.predictor.minReplicas"}

test_denies_a_service_without_a_budget if of([service({})]) == {""}

test_denies_a_budget_for_another_service if {
	other := object.union(budget, {"spec": {"selector": {"matchLabels": {"serving.kserve.io/inferenceservice": "n"}}}})
	of([service({}), other]) == {""}
}
