# An InferenceService is written so that KServe's controller has nothing to add to it that Argo CD would see as a
# difference, and so that a rollout or a drained node loses no request. Its containers are judged as pods' are.
package homeostat.rules.inference_services

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, field, message) if {
	some document in services
	field := "metadata.annotations[serving.kserve.io/deploymentMode]"
	annotations := kubernetes.metadata(document.object, "annotations")
	object.get(annotations, "serving.kserve.io/deploymentMode", "") != "Standard"
	message := sprintf("%s is %s: it should be 'Standard'.", [field, kubernetes.shown(annotations, ["serving.kserve.io/deploymentMode"])])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in services
	field := "spec.predictor.containers[0].name"
	name := object.get(document.object, ["spec", "predictor", "containers", 0, "name"], "missing")
	name != "kserve-container"
	message := sprintf("%s is '%s': the model's container comes first and is named 'kserve-container'.", [field, name])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in services
	some name in {"canaryTrafficPercent", "canary"}
	name in object.keys(object.union(document.object.spec, document.object.spec.predictor))
	field := sprintf("spec.predictor.%s", [name])
	message := sprintf("%s does nothing for a container of our own: leave it out.", [field])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in services
	some container in object.get(document.object, ["spec", "predictor", "containers"], [])
	some port in object.get(container, "ports", [])
	protocol := object.get(port, "protocol", "missing")
	protocol != "TCP"
	field := sprintf("spec.predictor.containers[%s].ports[%d].protocol", [container.name, port.containerPort])
	message := sprintf("%s is '%s': write 'TCP', as the API server writes it back.", [field, protocol])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in services
	container := document.object.spec.predictor.containers[0]
	not container.lifecycle.preStop
	field := sprintf("spec.predictor.containers[%s].lifecycle.preStop", [container.name])
	message := sprintf("%s is missing: wait there until no traffic is sent any more, by sleep: {seconds: 10}.", [field])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in services
	predictor := document.object.spec.predictor
	least := object.get(predictor, "minReplicas", 1)
	most := object.get(predictor, "maxReplicas", least)
	least > most
	field := "spec.predictor.minReplicas"
	message := sprintf("%s is '%d', which is more than maxReplicas, '%d'.", [field, least, most])
}

violations contains kubernetes.finding(document, "", message) if {
	some document in services
	namespace := kubernetes.namespace_of(document.object)
	some pod in kubernetes.pods
	pod.document == document
	not disruption_is_bounded(namespace, pod.labels)
	message := "no PodDisruptionBudget selects its pods: KServe makes none, so bring one."
}

services := [document | some document in kubernetes.documents; document.object.kind == "InferenceService"]

disruption_is_bounded(namespace, labels) if {
	some budget in kubernetes.of_kind("PodDisruptionBudget")
	kubernetes.namespace_of(budget) == namespace
	kubernetes.selects(budget.spec.selector, labels)
}
