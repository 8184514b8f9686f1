"""``k3s agent``: a node that reaches the cluster through any server that answers."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import joining, log
from .balancer import PORT, Balancer
from .kube_api import ApiError
from .log import FatalError
from .machine import Machine, refuse_bad_flags
from .node import Node
from .node_password import own_password
from .options import Options
from .passwords import given_token
from .paths import Paths
from .processes import Children, notify
from .release import Release
from .token import TokenError

_RETRY_SECONDS = 2.0
_LEARN_SECONDS = 10.0


@dataclass(slots=True)
class Agent:
    """One start of an agent."""

    release: Release
    paths: Paths
    options: Options
    machine: Machine
    children: Children

    def run(self) -> None:
        """Join, and run until kwok ends or a signal comes.

        Raises:
            FatalError: when it can't go on.
        """
        log.info(f"Starting k3s agent {self.release.version} ({self.release.commit})")
        token = given_token(self.options)
        if token is None:
            raise FatalError("--token is required")
        if not self.options.one("server"):
            raise FatalError("--server is required")
        refuse_bad_flags(self.options)
        self.release.verify()
        server = urlsplit(self.options.one("server"))
        balancer = Balancer([f"{server.hostname}:{server.port or 6443}"])
        balancer.start()
        # through the balancer, so that the server named at first may be gone by now
        user = token.user if token.ca_hash else "node"
        door = joining.Door(f"https://127.0.0.1:{PORT}", token, user)
        node = Node(self.release, self.paths, self.options, self.machine, f"https://127.0.0.1:{PORT}")
        while not self._joined(door, node):
            time.sleep(_RETRY_SECONDS)
        self.children.start("kwok", node.kwok())
        notify("READY=1")
        log.info("k3s agent is up and running")
        threading.Thread(target=_learn, args=(door, balancer), name="learn", daemon=True).start()
        while True:
            self.children.check()
            time.sleep(0.5)

    def _joined(self, door: joining.Door, node: Node) -> bool:
        try:
            authority = door.authority().decode()
            answer = door.ask(
                "POST",
                "/v1-k3s/client-kubelet.crt",
                b"",
                {"k3s-Node-Name": self.machine.name, "k3s-Node-Password": own_password()},
            )
            if answer.status != 200:
                told = answer.body.decode().strip() if answer.status == 403 else answer.reason
                return _waits(f"{self.options.one('server')}: {answer.status} {told}")
            content = answer.document()
            node.place_certificate(authority, content["certificate"], content["key"])
            node.register()
        except TokenError as error:
            log.error(str(error))
            return False
        except (joining.NotYetError, ApiError, OSError) as error:
            return _waits(str(error))
        return True


def _waits(reason: str) -> bool:
    log.error(f"Waiting to retrieve agent configuration; server is not ready: {reason}")
    return False


def _learn(door: joining.Door, balancer: Balancer) -> None:
    while True:
        try:
            answer = door.ask("GET", "/v1-k3s/apiservers")
            if answer.status == 200:
                balancer.learn(answer.document())
        except joining.NotYetError as error:
            log.warning(f"Failed to list servers: {error}")
        time.sleep(_LEARN_SECONDS)
