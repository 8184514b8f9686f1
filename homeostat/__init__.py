"""The shared kernel: what every room may rely on, and nothing that knows a room.

Typed configuration, errors, paths, progress, logs, the release schema that a hand-off writes, the service
declaration that a provider starts, and the ``homeostat`` command.
"""
