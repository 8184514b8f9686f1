package homeostat.rules.cron_jobs_test

import data.homeostat.rules.cron_jobs as rule
import data.homeostat.testing

of(resource) := {found.field | some found in rule.violations with input as testing.environment([resource])}

without(field) := object.union(object.remove(testing.cron_job, ["spec"]), {"spec": object.remove(testing.cron_job.spec, [field])})

test_allows_a_bounded_job if count(of(testing.cron_job)) == 0

test_allows_keeping_none if count(of(object.union(testing.cron_job, {"spec": {"failedJobsHistoryLimit": 0}}))) == 0

test_denies_overlap if {
	of(object.union(testing.cron_job, {"spec": {"concurrencyPolicy": "Replace"}})) == {"spec.concurrencyPolicy"}
	of(without("concurrencyPolicy")) == {"spec.concurrencyPolicy"}
}

test_denies_unbounded_history if {
	every field in {"successfulJobsHistoryLimit", "failedJobsHistoryLimit"} {
		of(without(field)) == {sprintf("spec.%s", [field])}
	}
}
