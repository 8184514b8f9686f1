# A job by the clock never overlaps with itself, and leaves a few finished ones to look at, not all.
package homeostat.rules.cron_jobs

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, "spec.concurrencyPolicy", message) if {
	some document in kubernetes.documents
	document.object.kind == "CronJob"
	policy := object.get(document.object.spec, "concurrencyPolicy", "Allow")
	policy != "Forbid"
	message := sprintf("spec.concurrencyPolicy is '%s': it should be 'Forbid'.", [policy])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "CronJob"
	some name in {"successfulJobsHistoryLimit", "failedJobsHistoryLimit"}
	not name in object.keys(document.object.spec)
	field := sprintf("spec.%s", [name])
	message := sprintf("%s is missing: say how many finished jobs to keep.", [field])
}
