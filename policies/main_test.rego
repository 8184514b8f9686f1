package homeostat_test

import data.homeostat
import data.homeostat.testing

privileged := testing.pod_with({"hostPID": true})

exception := {
	"rule": "host_access",
	"object": "Pod mlops/example",
	"field": "spec.hostPID",
	"environments": ["local"],
	"reason": "It reads the processes of the host, which is its job.",
}

found(objects, exceptions) := {[denied.rule, denied.field] |
	some denied in homeostat.deny with input as testing.environment(objects) with data.exceptions as exceptions
}

test_denies_without_an_exception if ["host_access", "spec.hostPID"] in found([privileged], [])

test_allows_with_an_exception if not ["host_access", "spec.hostPID"] in found([privileged], [exception])

test_allows_with_an_exception_for_the_whole_object if {
	whole := object.remove(exception, ["field"])
	not ["host_access", "spec.hostPID"] in found([privileged], [whole])
}

test_denies_what_an_exception_for_another_field_names if {
	other := object.union(exception, {"field": "spec.hostIPC"})
	["host_access", "spec.hostPID"] in found([privileged], [other])
}

test_denies_what_an_exception_for_another_environment_names if {
	other := object.union(exception, {"environments": ["homelab"]})
	["host_access", "spec.hostPID"] in found([privileged], [other])
}

test_denies_an_exception_that_nothing_needs if {
	["exceptions", "spec.hostPID"] in found([testing.pod], [exception])
}

test_allows_an_unneeded_exception_of_another_environment if {
	other := object.union(exception, {"environments": ["homelab"]})
	not ["exceptions", "spec.hostPID"] in found([testing.pod], [other])
}

test_denies_an_exception_without_a_reason if {
	["exceptions", "reason"] in found([privileged], [object.union(exception, {"reason": "needed"})])
}

of_source(source) := object.union(object.remove(exception, ["object", "field"]), {"source": source})

test_allows_with_an_exception_for_a_folder if {
	every source in {"manifests/example", "manifests/example/overlays/local"} {
		not ["host_access", "spec.hostPID"] in found([privileged], [of_source(source)])
	}
}

test_denies_what_an_exception_for_another_folder_names if {
	every source in {"manifests/exam", "manifests/other"} {
		["host_access", "spec.hostPID"] in found([privileged], [of_source(source)])
	}
}
