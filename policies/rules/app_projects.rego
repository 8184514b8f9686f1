# Argo CD makes a project 'default' that allows everything everywhere, unless there is one; an application belongs to
# its tier's project, and the default one may do nothing.
package homeostat.rules.app_projects

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some field, project in projects(document.object)
	project in {"default", ""}
	message := sprintf("%s is '%s': name the project of its tier.", [field, project])
}

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "AppProject"
	document.object.metadata.name == "default"
	some list in {"sourceRepos", "destinations", "clusterResourceWhitelist", "namespaceResourceWhitelist"}
	object.get(document.object, ["spec", list], []) != []
	field := sprintf("spec.%s", [list])
	message := sprintf("%s is not empty: whatever forgets its project would be in this one, so it should be [].", [field])
}

projects(resource) := {"spec.project": object.get(resource, ["spec", "project"], "")} if {
	resource.kind == "Application"
}

projects(resource) := {"spec.template.spec.project": project} if {
	resource.kind == "ApplicationSet"
	project := object.get(resource, ["spec", "template", "spec", "project"], "")
}
