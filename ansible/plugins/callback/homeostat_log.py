"""Ansible's usual output, for a log that is kept: what a task must not show, its errors do not show either.

Ansible 2.19 hides the result of a task with ``no_log`` and then prints the error message out of it.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.callback.default import CallbackModule as Default

DOCUMENTATION = """
name: homeostat_log
type: stdout
short_description: the default output, without the errors of hidden tasks
description: As the default output; the error of a task with no_log is hidden like its result.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
"""


class CallbackModule(Default):
    """The default output, less what hidden tasks say when they fail."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "homeostat_log"

    def _handle_exception(self, result: Any, use_stderr: bool = False) -> None:  # noqa: FBT001, FBT002 - Ansible's call
        if "censored" not in result:
            super()._handle_exception(result, use_stderr)
