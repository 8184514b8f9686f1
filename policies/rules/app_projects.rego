# Argo CD's project 'default' allows everything everywhere; an application belongs to its tier's project.
package homeostat.rules.app_projects

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	some field, project in projects(document.object)
	project in {"default", ""}
	message := sprintf("%s is '%s': name the project of its tier.", [field, project])
}

violations contains kubernetes.finding(document, "metadata.name", message) if {
	some document in kubernetes.documents
	document.object.kind == "AppProject"
	document.object.metadata.name == "default"
	message := "metadata.name is 'default': every application whose project is forgotten would be in it; use another name."
}

projects(resource) := {"spec.project": object.get(resource, ["spec", "project"], "")} if {
	resource.kind == "Application"
}

projects(resource) := {"spec.template.spec.project": project} if {
	resource.kind == "ApplicationSet"
	project := object.get(resource, ["spec", "template", "spec", "project"], "")
}
