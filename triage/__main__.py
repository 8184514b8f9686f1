"""``python -m triage`` serves the webhooks and works off the queue."""

from __future__ import annotations

import sys

import uvicorn

from homeostat.errors import HomeostatError
from homeostat.log import configure_logging
from triage.bootstrap import build
from triage.settings import load_settings
from triage.web.app import create_app


def main() -> None:
    """Run until a signal; a mistake in the configuration is one sentence and an exit code."""
    try:
        settings = load_settings()
        triage = build(settings)
    except HomeostatError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    configure_logging("triage")
    uvicorn.run(
        create_app(triage),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        # a body is read by code with a limit; headers by uvicorn's own
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
