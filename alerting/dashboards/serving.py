"""How fast and how well the models answer."""

from __future__ import annotations

from alerting.dashboards.board import Board, Chart, Query, Section

_LATENCY = 'rate(homeostat_inference_latency_seconds_bucket{model=~"$model"}[5m])'
_REQUESTS = 'rate(homeostat_inference_requests_total{model=~"$model"}[5m])'
_FAILED = 'rate(homeostat_inference_requests_total{model=~"$model", status=~"5.."}[5m])'
_REFUSED = 'rate(homeostat_requests_refused_total{model=~"$model"}[5m])'
_BATCHED_ROWS = 'rate(homeostat_batch_rows_sum{model=~"$model"}[5m])'
_BATCHES = 'rate(homeostat_batch_rows_count{model=~"$model"}[5m])'
_PHASES = 'rate(homeostat_inference_phase_seconds_bucket{model=~"$model"}[5m])'

_ANSWERS = Section(
    "Answers",
    [
        Chart(
            "Requests", "reqps", [Query(f"sum by (model, version) ({_REQUESTS})", "{{model}} {{version}}")]
        ),
        Chart("By status", "reqps", [Query(f"sum by (model, status) ({_REQUESTS})", "{{model}} {{status}}")]),
        Chart(
            "Share that failed with 5xx",
            "percentunit",
            [Query(f"sum by (model) ({_FAILED}) / sum by (model) ({_REQUESTS})", "{{model}}")],
            "ModelErrorRateHigh warns above 5 %.",
        ),
        Chart(
            "Right requests without a prediction",
            "reqps",
            [Query(f"sum by (model, reason) ({_REFUSED})", "{{model}} {{reason}}")],
            "Overloaded: the queue was full (503). Deadline: it passed first (504). Left: the client left.",
        ),
    ],
)
_TIME = Section(
    "Time",
    [
        Chart(
            f"p{share * 100:.0f} latency",
            "s",
            [
                Query(
                    f"histogram_quantile({share}, sum by (model, version, le) ({_LATENCY}))",
                    "{{model}} {{version}}",
                )
            ],
            "ModelInferenceLatencyHigh fires when p95 is above 500 ms.",
        )
        for share in (0.5, 0.95, 0.99)
    ]
    + [
        Chart(
            "p95 of the phases of a request",
            "s",
            [
                Query(
                    f"histogram_quantile(0.95, sum by (model, phase, le) ({_PHASES}))", "{{model}} {{phase}}"
                )
            ],
        ),
        Chart(
            "Rows predicted",
            "short",
            [
                Query(
                    'sum by (model) (rate(homeostat_predictions_total{model=~"$model"}[5m]))',
                    "{{model}}",
                )
            ],
            "Rows a second.",
        ),
        Chart(
            "Rows that the engine takes at once",
            "short",
            [
                Query(
                    f"sum by (model) ({_BATCHED_ROWS}) / sum by (model) ({_BATCHES})",
                    "{{model}}",
                )
            ],
            "It grows with the load; far above 1 the engine is what requests wait for.",
        ),
    ],
)
_SERVERS = Section(
    "Servers",
    [
        Chart(
            "Servers that answer",
            "short",
            [Query('sum by (model) (up{tier="model-server", model=~"$model"})', "{{model}}")],
        ),
        Chart(
            "Servers by version",
            "short",
            [
                Query(
                    'count by (model, version) (homeostat_model_info{model=~"$model"})',
                    "{{model}} {{version}}",
                )
            ],
            "A rollout is where two versions meet.",
        ),
        Chart(
            "Workers that died and were replaced",
            "short",
            [
                Query(
                    'sum by (model) (increase(homeostat_worker_restarts_total{model=~"$model"}[5m]))',
                    "{{model}}",
                )
            ],
            "In five minutes.",
        ),
        Chart(
            "Memory",
            "bytes",
            [
                Query(
                    'sum by (pod) (container_memory_working_set_bytes{namespace="models", pod!="", name=""})',
                    "{{pod}}",
                )
            ],
        ),
        Chart(
            "CPU",
            "short",
            [
                Query(
                    "sum by (pod) "
                    '(rate(container_cpu_usage_seconds_total{namespace="models", pod!="", name=""}[5m]))',
                    "{{pod}}",
                )
            ],
            "In cores.",
        ),
    ],
)

BOARD = Board(
    uid="homeostat-serving",
    title="Serving",
    description="How fast and how well the models answer.",
    sections=[_ANSWERS, _TIME, _SERVERS],
    by_model=True,
)
