package homeostat.rules.host_access_test

import data.homeostat.rules.host_access as rule
import data.homeostat.testing

of(pod) := {found.field | some found in rule.violations with input as testing.environment([pod])}

test_allows_a_pod_that_stays_in_its_container if count(of(testing.pod)) == 0

test_allows_what_says_no_explicitly if {
	count(of(testing.pod_with({"hostNetwork": false, "volumes": [{"name": "data", "emptyDir": {}}]}))) == 0
}

test_denies_the_hosts_namespaces if {
	of(testing.pod_with({"hostNetwork": true, "hostPID": true, "hostIPC": true})) == {
		"spec.hostNetwork",
		"spec.hostPID",
		"spec.hostIPC",
	}
}

test_denies_the_hosts_files if {
	of(testing.pod_with({"volumes": [{"name": "root", "hostPath": {"path": "/"}}]})) == {"spec.volumes[root].hostPath"}
}

test_denies_privileged_containers if {
	of(testing.pod_with_container({"securityContext": {"privileged": true}})) == {"spec.containers[example].securityContext.privileged"}
}

test_denies_the_hosts_ports if {
	of(testing.pod_with_container({"ports": [{"containerPort": 80, "hostPort": 80}]})) == {"spec.containers[example].ports[80].hostPort"}
}
