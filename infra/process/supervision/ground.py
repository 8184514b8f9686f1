"""What every keeper works with: the site, the patience, the marks and the board that it writes to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from homeostat.service import LISTEN_FD_VARIABLE, Launch
from infra.process.processes.child import Order
from infra.process.processes.environment import NOTIFY_VARIABLE, service_environment
from infra.process.site import ProcessSite
from infra.process.supervision.board import Board
from infra.process.supervision.health import Health
from infra.process.supervision.pace import Pace


@dataclass(frozen=True, slots=True)
class Ground:
    """Shared by all keepers of one run."""

    site: ProcessSite
    pace: Pace
    board: Board
    health: Health
    #: the mark of this run of the supervisor
    mark: str
    _starts: count[int] = field(default_factory=lambda: count(1))

    def order(self, service: str, launch: Launch, listening: int | None, notify: str | None) -> Order:
        """Everything that a process of ``service`` is started with.

        Args:
            service: whose process it is.
            launch: what the service's room says.
            listening: the descriptor of the inherited listening socket, if any.
            notify: where the process says that it is ready, if it does.
        """
        mark = f"{self.mark}.{service}.{next(self._starts)}"
        environment = {**service_environment(os.environ, self.site.root, self.site.state, mark), **launch.env}
        inherited: Sequence[int] = ()
        if listening is not None:
            environment[LISTEN_FD_VARIABLE] = str(listening)
            inherited = (listening,)
        if notify is not None:
            environment[NOTIFY_VARIABLE] = notify
        return Order(
            service, launch.argv, environment, self.site.root, self.site.logs, mark, tuple(inherited)
        )
