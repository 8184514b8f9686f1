"""Logs of services: one JSON object a line on standard output, UTC times, secrets redacted."""

from __future__ import annotations

import logging
import sys

import structlog

from homeostat.redaction import redact_fields


def configure_logging(service: str) -> None:
    """Send structlog's and the standard library's records of this process through the same redacted lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
        redact_fields,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    structlog.contextvars.bind_contextvars(service=service)


def log_to_standard_error() -> None:
    """Keep the records of a command apart from what it prints, which a program may read."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            # as text, so that it is redacted too; the renderer's own tracebacks show every variable
            structlog.processors.format_exc_info,
            redact_fields,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
