package homeostat.deployable_test

import data.homeostat.deployable

deployment(image) := {
	"kind": "Deployment",
	"metadata": {"name": "triage"},
	"spec": {"template": {"spec": {"containers": [{"name": "triage", "image": image}]}}},
}

of(resource) := {found.field | some found in deployable.deny with input as resource}

zeros := "homeostat/triage@sha256:0000000000000000000000000000000000000000000000000000000000000000"

test_allows_a_built_image if {
	count(of(deployment("homeostat/triage@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"))) == 0
	count(of(deployment("redis:7.4.1"))) == 0
}

test_denies_one_that_was_never_built if of(deployment(zeros)) == {"spec.template.spec.containers.0.image"}

test_denies_it_in_a_predictor if {
	predictor := {"kind": "InferenceService", "metadata": {"name": "m"}, "spec": {"predictor": {"containers": [{"image": zeros}]}}}
	of(predictor) == {"spec.predictor.containers.0.image"}
}
