"""How many connections one worker may hold: what its file descriptors allow, and what is sensible."""

from __future__ import annotations

import resource

#: an idle connection takes about 10 kB; a client or proxy that keeps more than this open has better ways
MOST_CONNECTIONS = 4096
#: descriptors for all else: the socket, the loop, logs, the model's files, the sink of captured payloads
RESERVE = 64


def most_connections() -> int:
    """The limit of this process, whose limit of descriptors is raised as far as it needs and may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + RESERVE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft = allowed
    return places(wanted if soft == resource.RLIM_INFINITY else soft)


def places(descriptors: int) -> int:
    """Connections that fit into so many ``descriptors``; at least 1.

    >>> places(1024), places(1_000_000), places(10)
    (960, 4096, 1)
    """
    return max(1, min(MOST_CONNECTIONS, descriptors - RESERVE))
