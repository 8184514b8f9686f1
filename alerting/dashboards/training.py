"""What continuous training delivered: which version serves since when, and whether its rollout went well.

The pipeline runs where it can't be scraped, on GitHub or beside the forge, and keeps its own record. What
Prometheus knows of it is what came out: the versions that are served and Argo CD's syncs of the models.
"""

from __future__ import annotations

from alerting.dashboards.board import Board, Chart, Listing, Query, Section, Text

_DELIVERED = Section(
    "Delivered",
    [
        Text(
            "Where the runs are",
            "A run of the pipeline (checks, training, gates, hand-off) is recorded where it ran: `homeostat "
            "delivery status` beside the local forge, the workflow's page on GitHub. Metrics, data and the "
            "model card of each training are in MLflow. `homeostat lineage MODEL` walks from what is served "
            "back to them. Below is what came out.",
        ),
        Chart(
            "Version that is served",
            "short",
            [
                Query(
                    'count by (model, version) (homeostat_model_info{model=~"$model"})',
                    "{{model}} {{version}}",
                )
            ],
            "Servers of each version: a hand-off is where the next one begins.",
        ),
        Chart(
            "Versions in the last 30 days",
            "short",
            [
                Query(
                    "count by (model) (count by (model, version) "
                    '(last_over_time(homeostat_model_info{model=~"$model"}[30d])))',
                    "{{model}}",
                )
            ],
        ),
        Chart(
            "Syncs of models in an hour",
            "short",
            [
                Query(
                    'sum by (name, phase) (increase(argocd_app_sync_total{project="models"}[1h]))',
                    "{{name}} {{phase}}",
                )
            ],
        ),
        Listing(
            "Commits behind what is served",
            'max by (model, version, source_commit) (homeostat_model_info{model=~"$model"})',
            "No model is served.",
        ),
    ],
)
_AFTERWARDS = Section(
    "After the hand-off",
    [
        Chart(
            "Share that failed with 5xx, by version",
            "percentunit",
            [
                Query(
                    "sum by (model, version) "
                    '(rate(homeostat_inference_requests_total{model=~"$model", status=~"5.."}[5m])) '
                    "/ sum by (model, version) "
                    '(rate(homeostat_inference_requests_total{model=~"$model"}[5m]))',
                    "{{model}} {{version}}",
                )
            ],
        ),
        Chart(
            "p95 latency by version",
            "s",
            [
                Query(
                    "histogram_quantile(0.95, sum by (model, version, le) "
                    '(rate(homeostat_inference_latency_seconds_bucket{model=~"$model"}[5m])))',
                    "{{model}} {{version}}",
                )
            ],
        ),
        Chart(
            "Health of the models' Applications",
            "short",
            [
                Query(
                    'count by (name, health_status) (argocd_app_info{project="models"})',
                    "{{name}} {{health_status}}",
                )
            ],
        ),
    ],
)

BOARD = Board(
    uid="homeostat-training",
    title="Continuous training",
    description="Which version serves since when, and whether its rollout went well.",
    sections=[_DELIVERED, _AFTERWARDS],
    by_model=True,
)
