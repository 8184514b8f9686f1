"""Text of one form, told in words: nobody should have to read a regular expression to mend a file."""

from __future__ import annotations

import re

from pydantic import AfterValidator


def matching(pattern: str, words: str) -> AfterValidator:
    """A check for ``Annotated[str, ...]``: the text has the form ``pattern``, else it must be ``words``.

    >>> from typing import Annotated
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(Annotated[str, matching("[a-z]+", "lower-case letters")]).validate_python("abc")
    'abc'
    """
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise ValueError(f"must be {words}")
        return text

    return AfterValidator(check)
