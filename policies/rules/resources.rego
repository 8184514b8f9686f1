# Every container says what it needs and where it stops, so that the scheduler can place it and one leak kills one
# container. Quantities are written as the API server writes them back ("1", not "1000m"; "1Gi", not "1024Mi"):
# otherwise Argo CD would see a difference for ever.
package homeostat.rules.resources

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	some kind in {"requests", "limits"}
	some resource in {"cpu", "memory"}
	not entry.container.resources[kind][resource]
	field := sprintf("%s.resources.%s.%s", [entry.field, kind, resource])
	message := sprintf("%s is missing: say how much, such as '%s'.", [field, example[resource]])
}

example := {"cpu": "100m", "memory": "128Mi"}

violations contains kubernetes.finding(pod.document, field, message) if {
	some pod in kubernetes.pods
	some entry in kubernetes.containers(pod)
	some kind in {"requests", "limits"}
	some resource, quantity in object.get(entry.container, ["resources", kind], {})
	not canonical(quantity)
	field := sprintf("%s.resources.%s.%s", [entry.field, kind, resource])
	message := advice(field, quantity)
}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some claim in claims(document.object)
	quantity := object.get(claim.spec, ["resources", "requests", "storage"], "missing")
	not canonical(quantity)
	field := sprintf("%s.resources.requests.storage", [claim.path])
	message := advice(field, quantity)
}

claims(resource) := [{"path": "spec", "spec": resource.spec}] if resource.kind == "PersistentVolumeClaim"

claims(resource) := [{"path": path, "spec": claim.spec} |
	some claim in resource.spec.volumeClaimTemplates
	path := sprintf("spec.volumeClaimTemplates[%s].spec", [claim.metadata.name])
] if {
	resource.kind == "StatefulSet"
}

advice(field, quantity) := sprintf(
	"%s is '%v': write it as Kubernetes does, a string with a whole number and the largest unit that fits, such as '250m', '1' or '2Gi'.",
	[field, quantity],
)

canonical(quantity) if {
	some [base, units] in [[1000, ["m", "", "k", "M", "G", "T"]], [1024, ["Ki", "Mi", "Gi", "Ti"]]]
	some unit in units
	regex.match(sprintf(`^[1-9][0-9]*%s$`, [unit]), quantity)
	to_number(trim_suffix(quantity, unit)) % base != 0
}
