"""Whether alerts arrive, are diagnosed in time, and end in a report."""

from __future__ import annotations

from alerting.dashboards.board import Board, Chart, Query, Section

_ARRIVING = Section(
    "Arriving",
    [
        Chart(
            "Webhook calls",
            "reqps",
            [
                Query(
                    "sum by (endpoint, code) (rate(homeostat_triage_webhook_requests_total[5m]))",
                    "{{endpoint}} {{code}}",
                )
            ],
        ),
        Chart(
            "Alerts in an hour",
            "short",
            [Query("sum by (outcome) (increase(homeostat_triage_alerts_total[1h]))", "{{outcome}}")],
        ),
        Chart(
            "Since the last heartbeat",
            "s",
            [Query("time() - (homeostat_triage_heartbeat_timestamp_seconds > 0)", "heartbeat")],
            "After five minutes triage opens an incident by itself.",
        ),
    ],
)
_WORK = Section(
    "Work",
    [
        Chart("Queue", "short", [Query("sum by (state) (homeostat_triage_jobs)", "{{state}}")]),
        Chart("Whether the worker runs", "short", [Query("max(homeostat_triage_worker_up)", "worker")]),
        Chart(
            "Time of an analysis",
            "s",
            [
                Query(
                    f"histogram_quantile({share}, "
                    "sum by (le) (rate(homeostat_triage_analysis_seconds_bucket[1h])))",
                    f"p{share * 100:.0f}",
                )
                for share in (0.5, 0.95)
            ],
        ),
    ],
)
_OUTCOME = Section(
    "Outcome",
    [
        Chart(
            "Reports in an hour",
            "short",
            [Query("sum(increase(homeostat_triage_reports_total[1h]))", "reports")],
        ),
        Chart(
            "Evidence in an hour",
            "short",
            [Query("sum by (status) (increase(homeostat_triage_evidence_items_total[1h]))", "{{status}}")],
        ),
        Chart(
            "Analyses that an analyst could not give, in an hour",
            "short",
            [
                Query(
                    "sum by (analyst) (increase(homeostat_triage_analyst_failures_total[1h]))", "{{analyst}}"
                )
            ],
            "A language model that is out of reach or out of budget counts here; the other analyst goes on.",
        ),
    ],
)

BOARD = Board(
    uid="homeostat-triage",
    title="Triage",
    description="Whether alerts arrive, are diagnosed in time, and end in a report.",
    sections=[_ARRIVING, _WORK, _OUTCOME],
)
