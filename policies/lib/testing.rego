# What the tests of the rules judge: a pod that every rule about pods allows, and ways to spoil it.
package homeostat.testing

environment(objects) := {
	"environment": "local",
	"documents": [{"source": "manifests/example/overlays/local", "object": object} | some object in objects],
}

labels := {
	"app.kubernetes.io/name": "example",
	"app.kubernetes.io/component": "server",
	"app.kubernetes.io/part-of": "homeostat",
	"app.kubernetes.io/managed-by": "argocd",
}

container := {
	"name": "example",
	"image": "redis:7.4.1-bookworm",
	"resources": {
		"requests": {"cpu": "100m", "memory": "64Mi"},
		"limits": {"cpu": "1", "memory": "128Mi"},
	},
	"livenessProbe": {"tcpSocket": {"port": 6379}},
	"readinessProbe": {"tcpSocket": {"port": 6379}},
	"securityContext": {
		"allowPrivilegeEscalation": false,
		"readOnlyRootFilesystem": true,
		"capabilities": {"drop": ["ALL"]},
	},
}

pod := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "example", "namespace": "mlops", "labels": labels},
	"spec": {
		"automountServiceAccountToken": false,
		"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
		"containers": [container],
	},
}

# The pod with fields of its spec replaced.
pod_with(fields) := object.union(pod, {"spec": object.union(pod.spec, fields)})

# The pod with fields of its container merged in.
pod_with_container(fields) := pod_with({"containers": [object.union(container, fields)]})

# The same, with fields taken away.
pod_without_container_field(field) := pod_with({"containers": [object.remove(container, [field])]})

# The pod in a workload.
workload(kind) := {
	"apiVersion": "apps/v1",
	"kind": kind,
	"metadata": pod.metadata,
	"spec": {"template": {"metadata": {"labels": labels}, "spec": pod.spec}},
}

cron_job := {
	"apiVersion": "batch/v1",
	"kind": "CronJob",
	"metadata": pod.metadata,
	"spec": {
		"schedule": "0 3 * * *",
		"concurrencyPolicy": "Forbid",
		"successfulJobsHistoryLimit": 1,
		"failedJobsHistoryLimit": 3,
		"jobTemplate": {"spec": {"template": {"metadata": {"labels": labels}, "spec": pod.spec}}},
	},
}

# An object of any kind, with the contract's labels.
made(kind, name, fields) := object.union(
	{"kind": kind, "metadata": {"name": name, "namespace": "mlops", "labels": labels}},
	fields,
)
