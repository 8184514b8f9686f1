"""Code that a ``model.yaml`` refers to as ``module:function``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from ct.errors import TrainingCodeError


def function(reference: str, models: Path) -> Callable[..., Any]:
    """Find the function that ``reference`` names among the packages in the folder ``models``.

    Raises:
        TrainingCodeError: when the module or the function is missing, or its import fails.
    """
    module_name, _, name = reference.partition(":")
    # First on the path: the code that is judged is that of this checkout, whatever else is installed.
    if str(models) not in sys.path:
        sys.path.insert(0, str(models))
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever a model's own module raises when it is imported
        raise TrainingCodeError(
            reference, [f"the module can't be imported ({type(error).__name__}: {error})."]
        ) from error
    found = cast("object", getattr(module, name, None))
    if not callable(found):
        raise TrainingCodeError(reference, [f"the module has no function {name!r}."])
    return found


def call(reference: str, models: Path, *arguments: object) -> Any:
    """Call what ``reference`` names.

    Raises:
        TrainingCodeError: when it is missing or raises.
    """
    called = function(reference, models)
    try:
        return called(*arguments)
    except Exception as error:  # whatever a model's own code raises
        raise TrainingCodeError(reference, [f"raised {type(error).__name__}: {error}."]) from error
