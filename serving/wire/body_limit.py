"""How large the body of a request may be: what its model's rows need, however they are written.

JSON can take forty times its bytes when it is read, and gzip makes it of next to nothing. So a client gets no
more than a right request can use.
"""

from __future__ import annotations

from collections.abc import Sequence

#: whatever the model; 100,000 rows of 16 features in binary
MAX_BODY_BYTES = 16 * 1024 * 1024
#: what surrounds the rows: names, shapes, parameters, an id
_AROUND_BYTES = 64 * 1024
#: a row's brackets, on indented lines of their own
_ROW_BYTES = 32
#: the longest float64 in JSON is 24 characters; the rest is for quotes, separators and indentation
_VALUE_BYTES = 64


def body_limit(names: Sequence[str], rows: int) -> int:
    """The most bytes of a body of ``rows``, each an object by the features' ``names`` at its longest."""
    row_bytes = _ROW_BYTES + sum(_VALUE_BYTES + len(name) for name in names)
    return min(_AROUND_BYTES + rows * row_bytes, MAX_BODY_BYTES)
