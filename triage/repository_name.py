"""How GitHub names a repository: what a label, a webhook or a setting may hold and a path may be made of."""

from __future__ import annotations

import re
from typing import Annotated

from homeostat.matching import matching

#: never ``.`` or ``..``, which would lead elsewhere
_FORM = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}"
_NAME = re.compile(_FORM)

RepositoryName = Annotated[str, matching(_FORM, "a repository as GitHub names it: OWNER/NAME")]


def is_repository(name: str) -> bool:
    """Whether GitHub could call a repository so.

    >>> is_repository("acme/shop"), is_repository("acme/.."), is_repository("acme/shop/issues")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None
