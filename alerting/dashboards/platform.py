"""The machines, what runs on them, and whether it is what git says."""

from __future__ import annotations

from alerting.dashboards.board import Board, Chart, Listing, Query, Section

_NODES = Section(
    "Nodes",
    [
        Chart(
            "CPU in use",
            "percentunit",
            [Query('1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m]))', "{{node}}")],
        ),
        Chart(
            "Memory in use",
            "percentunit",
            [Query("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{node}}")],
        ),
        Chart(
            "Free on disks",
            "percentunit",
            [Query("node_device:node_filesystem_avail:ratio", "{{node}} {{device}}")],
            "Below 10 % the kubelet evicts pods.",
        ),
        Chart(
            "Network",
            "Bps",
            [
                Query(
                    f'sum by (node) (rate(container_network_{way}_bytes_total{{id="/"}}[5m]))',
                    f"{{{{node}}}} {way}",
                )
                for way in ("receive", "transmit")
            ],
        ),
        Chart("Pods", "short", [Query("sum by (node) (kubelet_running_pods)", "{{node}}")]),
        Chart(
            "The API server's answers",
            "reqps",
            [Query("sum by (code) (rate(apiserver_request_total[5m]))", "{{code}}")],
        ),
    ],
)
_PODS = Section(
    "Pods",
    [
        Chart(
            "CPU by namespace",
            "short",
            [
                Query(
                    'sum by (namespace) (rate(container_cpu_usage_seconds_total{pod!="", name=""}[5m]))',
                    "{{namespace}}",
                )
            ],
            "In cores.",
        ),
        Chart(
            "Memory by namespace",
            "bytes",
            [
                Query(
                    'sum by (namespace) (container_memory_working_set_bytes{pod!="", name=""})',
                    "{{namespace}}",
                )
            ],
        ),
        Chart(
            "Restarts and kills for memory in an hour",
            "short",
            [
                Query(
                    "sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])) > 0",
                    "{{namespace}}/{{pod}} restarts",
                ),
                Query(
                    'sum by (namespace, pod) (increase(container_oom_events_total{pod!=""}[1h])) > 0',
                    "{{namespace}}/{{pod}} killed",
                ),
            ],
        ),
        Listing(
            "Not ready",
            "sum by (namespace, pod, container, probe_type) "
            '(increase(prober_probe_total{result!="successful"}[5m])) > 0',
            "Every probe of the last five minutes succeeded.",
        ),
    ],
)
_GITOPS = Section(
    "Argo CD",
    [
        Chart(
            "Applications by sync",
            "short",
            [Query("count by (sync_status) (argocd_app_info)", "{{sync_status}}")],
        ),
        Chart(
            "Applications by health",
            "short",
            [Query("count by (health_status) (argocd_app_info)", "{{health_status}}")],
        ),
        Chart(
            "Syncs in an hour",
            "short",
            [Query("sum by (project, phase) (increase(argocd_app_sync_total[1h]))", "{{project}} {{phase}}")],
        ),
        Listing(
            "Not Synced or not Healthy",
            "max by (name, project, sync_status, health_status) "
            '(argocd_app_info{sync_status!="Synced"} or argocd_app_info{health_status!="Healthy"})',
            "Every Application is Synced and Healthy.",
        ),
    ],
)
_STORAGE = Section(
    "Volumes and backups",
    [
        Chart(
            "Volumes in use",
            "bytes",
            [
                Query(
                    "max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes)",
                    "{{namespace}}/{{persistentvolumeclaim}}",
                )
            ],
        ),
        Chart(
            "Free on volumes",
            "percentunit",
            [
                Query(
                    "namespace_persistentvolumeclaim:kubelet_volume_stats_available:ratio",
                    "{{namespace}}/{{persistentvolumeclaim}}",
                )
            ],
        ),
        Chart(
            "Since the last backup",
            "s",
            [
                Query(
                    "time() - max by (namespace, cronjob) "
                    '(kube_cronjob_status_last_successful_time{cronjob=~".*backup.*"})',
                    "{{namespace}}/{{cronjob}}",
                )
            ],
        ),
    ],
)
_WATCHING = Section(
    "What watches",
    [
        Listing("Firing", 'ALERTS{alertstate="firing", alertname!="Watchdog"}', "Nothing fires."),
        Listing("Not scraped", "up == 0", "Every target answers."),
        Chart("Series", "short", [Query("prometheus_tsdb_head_series", "series")]),
        Chart(
            "Alerts that Alertmanager holds",
            "short",
            [Query("sum by (state) (alertmanager_alerts)", "{{state}}")],
        ),
        Chart(
            "Notifications that failed",
            "reqps",
            [
                Query(
                    "sum by (integration) (rate(alertmanager_notifications_failed_total[5m]))",
                    "{{integration}}",
                )
            ],
        ),
    ],
)

BOARD = Board(
    uid="homeostat-platform",
    title="Platform",
    description="The machines, what runs on them, and whether it is what git says.",
    sections=[_GITOPS, _NODES, _PODS, _STORAGE, _WATCHING],
)
