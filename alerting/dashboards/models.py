"""What the models say, how sure they are, and whether they know what they are asked."""

from __future__ import annotations

from alerting.dashboards.board import Board, Chart, Listing, Query, Section

_PREDICTED = 'rate(homeostat_predictions_total{model=~"$model"}[15m])'
_CONFIDENCE = 'homeostat_prediction_confidence_%s{model=~"$model"}[1h]'

_PREDICTIONS = Section(
    "Predictions",
    [
        Chart(
            "Share of each class",
            "percentunit",
            [
                Query(
                    f"sum by (model, version, predicted_class) ({_PREDICTED}) "
                    f"/ on (model, version) group_left () sum by (model, version) ({_PREDICTED})",
                    "{{model}} {{version}} {{predicted_class}}",
                )
            ],
        ),
        Chart(
            "Rows of each class",
            "short",
            [
                Query(
                    f"sum by (model, predicted_class) ({_PREDICTED})",
                    "{{model}} {{predicted_class}}",
                )
            ],
            "Rows a second.",
        ),
        Chart(
            "Values out of the range of training, per request",
            "short",
            [
                Query(
                    "sum by (model, feature) "
                    '(rate(homeostat_input_out_of_range_total{model=~"$model"}[15m])) '
                    "/ on (model) group_left () "
                    'sum by (model) (rate(homeostat_inference_requests_total{model=~"$model"}[15m]))',
                    "{{model}} {{feature}}",
                )
            ],
        ),
    ],
)
_CERTAINTY = Section(
    "Confidence",
    [
        Chart(
            "Mean of the last hour",
            "percentunit",
            [
                Query(
                    f"sum by (model, version) (increase({_CONFIDENCE % 'sum'})) "
                    f"/ sum by (model, version) (increase({_CONFIDENCE % 'count'}))",
                    "{{model}} {{version}}",
                )
            ],
        ),
        Chart(
            "The least sure tenth",
            "percentunit",
            [
                Query(
                    f"histogram_quantile(0.1, sum by (model, version, le) (rate({_CONFIDENCE % 'bucket'})))",
                    "{{model}} {{version}}",
                )
            ],
        ),
        Chart(
            "Shift from the past week, in standard errors",
            "short",
            [
                Query(
                    'abs(model_version:homeostat_prediction_confidence_shift:difference{model=~"$model"}) '
                    "/ model_version:homeostat_prediction_confidence_shift:standard_error",
                    "{{model}} {{version}}",
                )
            ],
            "ModelConfidenceShift needs four of them, and a shift of 0.1.",
        ),
    ],
)
_VERSIONS = Section(
    "Versions",
    [
        Listing(
            "What is served",
            "max by (model, version, model_sha256, bento_digest, source_commit) "
            '(homeostat_model_info{model=~"$model"})',
            "No model is served.",
        )
    ],
)

BOARD = Board(
    uid="homeostat-models",
    title="Models",
    description="What the models say, how sure they are, and whether they know what they are asked.",
    sections=[_PREDICTIONS, _CERTAINTY, _VERSIONS],
    by_model=True,
)
