package homeostat.rules.security_context_test

import data.homeostat.rules.security_context as rule
import data.homeostat.testing

of(pod) := {found.field | some found in rule.violations with input as testing.environment([pod])}

in_container(field) := sprintf("spec.containers[example].securityContext.%s", [field])

test_allows_a_restricted_pod if count(of(testing.pod)) == 0

test_allows_what_the_container_says_itself if {
	context := object.union(testing.container.securityContext, {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}})
	pod := testing.pod_with({"securityContext": {}, "containers": [object.union(testing.container, {"securityContext": context})]})
	count(of(pod)) == 0
}

test_denies_a_pod_that_says_nothing if {
	pod := {"kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "example"}]}}
	of(pod) == {
		in_container("runAsNonRoot"),
		in_container("seccompProfile.type"),
		in_container("allowPrivilegeEscalation"),
		in_container("readOnlyRootFilesystem"),
		in_container("capabilities.drop"),
	}
}

test_denies_each_weakening if {
	every field, context in {
		"runAsNonRoot": {"runAsNonRoot": false},
		"seccompProfile.type": {"seccompProfile": {"type": "Unconfined"}},
		"allowPrivilegeEscalation": {"allowPrivilegeEscalation": true},
		"readOnlyRootFilesystem": {"readOnlyRootFilesystem": false},
		"capabilities.drop": {"capabilities": {"drop": ["NET_RAW"]}},
		"capabilities.add": {"capabilities": {"add": ["NET_ADMIN"]}},
		"runAsUser": {"runAsUser": 0},
	} {
		of(testing.pod_with_container({"securityContext": context})) == {in_container(field)}
	}
}

test_denies_in_init_containers if {
	count(of(testing.pod_with({"initContainers": [object.remove(testing.container, ["securityContext"])]}))) == 3
}
