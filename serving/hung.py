"""The end of a worker whose engine hangs: it can't be helped from inside, and the master starts another.

A thread in a call that does not return can't be stopped, and an orderly exit might wait for what it holds.
"""

from __future__ import annotations

import logging
import os
from typing import NoReturn

import structlog

#: the master says of a worker that ends so that it died, and replaces it
EXIT_CODE = 1

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def end_hung(seconds: float) -> NoReturn:
    """Log that the engine has not answered for so many seconds, and end this process at once."""
    try:
        log.error("engine_hung", seconds=seconds, pid=os.getpid())
        # The log's thread gets a second to write it.
        logging.shutdown()
    finally:
        os._exit(EXIT_CODE)
