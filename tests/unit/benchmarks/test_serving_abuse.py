"""Which lost requests a killed worker excuses."""

from __future__ import annotations

import os
import socket

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.abuse.killed_worker import beyond


def test_what_a_killed_worker_held_may_be_lost_once_and_nothing_else():
    assert beyond([4001, 4002], [4001, 4002, 4003]) == []
    assert beyond([], []) == []
    told = "1 requests were lost that no killed worker was answering"
    assert beyond([4001, 5000], [4001]) == [told]
    assert beyond([4001, 4001], [4001]) == [told]
    # it could not even connect
    assert beyond([0], [4001]) == [told]


def test_the_connections_of_a_process_are_known_by_their_clients_ports():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        port = client.getsockname()[1]
        assert port not in usage.client_ports(os.getpid())
        accepted, _ = listener.accept()
        with accepted:
            assert port in usage.client_ports(os.getpid())
