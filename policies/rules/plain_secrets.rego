# Git holds no secret that can be read; what makes secrets puts them into the cluster by another way.
package homeostat.rules.plain_secrets

import data.homeostat.lib.kubernetes

violations contains kubernetes.finding(document, field, message) if {
	some document in kubernetes.documents
	document.object.kind == "Secret"
	some part in {"data", "stringData"}
	some key, _ in object.get(document.object, part, {})
	field := sprintf("%s.%s", [part, key])
	message := sprintf("%s holds a value: keep it out of the manifests, encrypted with SOPS in secrets/.", [field])
}
