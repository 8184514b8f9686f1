"""The places in a program's own code that a stack names, in the forms of common runtimes."""

from __future__ import annotations

import re

from triage.analysts.deterministic.facts import Fact

#: of a runtime or of what is installed: where trouble surfaces, seldom where it is
_FOREIGN = (
    r"(?!\S*(?:site-packages|dist-packages|lib/python3|node_modules|node:|/usr/local/go/|/rustc/|\.cargo/"
    r"|internal/))"
)
#: Go and C with a path, Node in brackets or not, Python's frames, Java's source files, Rust's panics
OWN_FRAME = re.compile(
    rf"^\s*(?:#\s.*\s)?{_FOREIGN}(?P<go>/?[\w.@-]+/[\w./@-]+\.(?:go|c|cc|cpp|rs):\d+)"
    rf"|^\s*at .*?\(?{_FOREIGN}(?P<node>/[^\s():]+\.[cm]?[jt]sx?:\d+)"
    rf"|^\s*File \"{_FOREIGN}(?P<python>[^\"<]+)\", line (?P<line>\d+)"
    r"|^\s*at (?!java\.|javax\.|jdk\.|sun\.|org\.(?:spring|apache"
    r"|hibernate))[\w.$<>/]+\((?P<java>\w+\.(?:java|kt|scala):\d+)\)"
    r"|panicked at (?:'.*', )?(?P<rust>[\w./-]+\.rs:\d+)"
)


def place_of(frame: Fact) -> str:
    """``file:line`` of a line that matched ``OWN_FRAME``."""
    if frame.text("python"):
        return f"{frame.text('python')}:{frame.text('line')}"
    return next((frame.text(name) for name in ("go", "node", "java", "rust") if frame.text(name)), "")
