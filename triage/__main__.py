"""``python -m triage`` serves the webhooks and works off the queue."""

from __future__ import annotations

import sys

import uvicorn

from homeostat.errors import HomeostatError
from homeostat.log import configure_logging
from triage.bootstrap import build
from triage.settings import load_settings
from triage.store.ownership import own
from triage.web.app import create_app
from triage.web.client_certificate import check_tls_files, tls_options

#: each statement of an alert's transaction lets go of the interpreter, and waits this long for it again while
#: the worker computes
_SWITCH_SECONDS = 0.0001


def main() -> None:
    """Run until a signal; a mistake in the configuration is one sentence and an exit code."""
    try:
        settings = load_settings()
        check_tls_files(settings.tls_cert_file, settings.tls_key_file, settings.client_ca_file)
        owned = own(settings.database_url)
        triage = build(settings)
    except HomeostatError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    configure_logging("triage")
    # the worker computes in this process: it lets go for the event loop sooner than by default
    sys.setswitchinterval(_SWITCH_SECONDS)
    uvicorn.run(
        create_app(triage),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        # a body is read by code with a limit; headers by uvicorn's own
        timeout_graceful_shutdown=5,
        **tls_options(settings.tls_cert_file, settings.tls_key_file, settings.client_ca_file),
    )
    owned.close()


if __name__ == "__main__":
    main()
