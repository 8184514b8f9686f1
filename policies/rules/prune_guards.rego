# What holds data, or takes everything of its kind with it, survives its Application: claims, definitions of
# resources and namespaces are neither pruned when they leave git nor deleted with the Application.
package homeostat.rules.prune_guards

import data.homeostat.lib.kubernetes

guarded := {"PersistentVolumeClaim", "CustomResourceDefinition", "Namespace"}

annotation := "argocd.argoproj.io/sync-options"

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind in guarded
	value := object.get(kubernetes.metadata(document.object, "annotations"), annotation, "")
	options := {trim_space(option) | some option in split(value, ",")}
	missing := {"Prune=false", "Delete=false"} - options
	count(missing) > 0
	field := sprintf("metadata.annotations[%s]", [annotation])
	message := sprintf("%s is '%s': add '%s'.", [field, value, concat(",", sort(missing))])
}

# The claims that a StatefulSet makes are no part of git; its own policy keeps or deletes them.
violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "StatefulSet"
	some moment in {"whenDeleted", "whenScaled"}
	object.get(document.object, ["spec", "persistentVolumeClaimRetentionPolicy", moment], "Retain") != "Retain"
	field := sprintf("spec.persistentVolumeClaimRetentionPolicy.%s", [moment])
	message := sprintf("%s is 'Delete': it should be 'Retain'.", [field])
}
