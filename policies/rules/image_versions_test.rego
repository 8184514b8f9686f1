package homeostat.rules.image_versions_test

import data.homeostat.rules.image_versions as rule
import data.homeostat.testing

digest := "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

of(image) := found if {
	found := rule.violations with input as testing.environment([testing.pod_with_container({"image": image})])
}

allowed := {
	"redis:7.4.1",
	"redis:7.4.1-bookworm",
	"prom/prometheus:v3.5.0",
	"postgres:17.2",
	"postgres:17.2-bookworm",
	"quay.io/argoproj/argocd:v3.2.6",
	sprintf("redis:7.4.1@%s", [digest]),
	sprintf("homeostat/triage@%s", [digest]),
	sprintf("ghcr.io/example/homeostat/triage@%s", [digest]),
}

test_allows_exact_versions_and_own_digests if {
	every image in allowed {
		count(of(image)) == 0
	}
}

denied := {
	"redis",
	"redis:latest",
	"redis:7",
	"redis:7.4",
	"redis:bookworm",
	"localhost:5000/redis",
	"homeostat/triage",
	"homeostat/triage:1.2.3",
	"ghcr.io/example/homeostat/triage:1.2.3",
	sprintf("homeostat/triage:1.2.3@%s", [digest]),
	"homeostat/triage@sha256:0123",
	"",
}

test_denies_floating_and_missing_versions if {
	every image in denied {
		count(of(image)) == 1
	}
}

test_denies_in_init_containers_cron_jobs_and_predictors if {
	floating := object.union(testing.container, {"image": "redis"})
	init := testing.pod_with({"initContainers": [floating]})
	job := {"kind": "CronJob", "metadata": {"name": "c"}, "spec": {"jobTemplate": {"spec": {"template": init}}}}
	predictor := {"kind": "InferenceService", "metadata": {"name": "i"}, "spec": {"predictor": {"containers": [floating]}}}
	fields := {found.field | some found in rule.violations with input as testing.environment([init, job, predictor])}
	fields == {
		"spec.initContainers[example].image",
		"spec.jobTemplate.spec.template.spec.initContainers[example].image",
		"spec.predictor.containers[example].image",
	}
}

test_says_what_would_be_right if {
	{found.msg | some found in of("redis")} == {"Pod mlops/example: spec.containers[example].image is 'redis': name an exact version, such as 'redis:7.4.1'."}
}
