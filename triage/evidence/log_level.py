"""How bad a log line says that it is, and what it looks like where it does not say so."""

from __future__ import annotations

import re

_WORDS = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "log": "info",
    "hint": "info",
    "detail": "info",
    "statement": "info",
    "warn": "warning",
    "warning": "warning",
    "err": "error",
    "error": "error",
    "severe": "error",
    "exception": "error",
    "dpanic": "critical",
    "crit": "critical",
    "critical": "critical",
    "alert": "critical",
    "emerg": "critical",
    "emergency": "critical",
    "panic": "critical",
    "fatal": "fatal",
}
#: the numbers of pino and bunyan
_NUMBERED = ((60, "fatal"), (50, "error"), (40, "warning"), (0, "info"))
_SEVERITY = (
    "TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|CRIT(?:ICAL)?|FATAL|SEVERE|EMERG(?:ENCY)?|ALERT|PANIC"
)
#: the level as a word of its own near the beginning: ``ERROR:root:``, ``[7] [ERROR]``, ``- name - ERROR -``
_SAID = re.compile(
    rf"(?:^|[\s\[(|<:-])(?P<upper>{_SEVERITY}|LOG|HINT|DETAIL|STATEMENT|DPANIC)(?=[\s\]):|>,-]|$)"
    rf"|[\[<](?P<lower>(?i:{_SEVERITY}))[\]>]"
    r"|^(?P<announced>(?i:error|warning|fatal|panic|npm (?:err!|error)))(?=[:! \[])"
    r"|(?:##\[|::)(?P<run>error|warning|notice|debug)(?=[\] :])"
)
_WITHIN = 70
_MOST_SEARCHED = 4_000
#: an exception's name, as at the end of a Python traceback or at the beginning of a Java one
_EXCEPTION = re.compile(
    r"(?:E +|Caused by: |Exception in thread \"[^\"]*\" |Unhandled exception[:.] *)?"
    r"(?:(?:[a-zA-Z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Failure|Timeout|ExceptionGroup)\b"
    r"|(?:[a-z_]\w*\.)+[A-Z]\w+: )"
)
#: a line without any of these names no level; looking for them is far quicker than the pattern
_HINTS = (
    "err", "warn", "info", "deb", "crit", "fatal", "notice", "trace", "severe", "emerg", "alert", "panic",
    "log:", "hint:", "detail:", "statement:",
)  # fmt: skip
#: what went wrong, in the words of kernels, libraries and shells; in lower case
_WRONG = (
    "panic:", "segmentation fault", "segfault", "oom-kill", "oom_kill", "out of memory", "outofmemory",
    "oomkilled", "core dumped", "panicked at", "no space left on device", "permission denied",
    "connection refused", "connection reset", "no such host", "name or service not known",
    "temporary failure in name resolution", "could not translate host", "no such file or directory",
    "command not found", "exec format error", "address already in use", "read-only file system",
    "cannot allocate memory", "authentication failed", "certificate has expired", "x509: ",
    "certificate verify failed", "too many open files", "no module named", "i/o timeout",
    "deadline exceeded", "fatal: ", "error: ", "exception: ", "failure: ",
)  # fmt: skip
_SHOUTED = re.compile(r"\b(?:ERROR|CRITICAL|FATAL|FAILED|Killed)")
_EXIT = re.compile(r"exit(?:ed with)? (?:code|status):? [1-9]|\*\*\* \[[^\]]*\] error \d")


def levels_word(value: object) -> str:
    """The level behind a field's value, as words and numbers that loggers write.

    >>> levels_word("WARN"), levels_word(50)
    ('warning', 'error')
    """
    if isinstance(value, int | float):
        return next(word for least, word in _NUMBERED if value >= least or least == 0)
    text = str(value).strip().lower()
    return _WORDS.get(text, text or "info")


def level_of(said: str) -> tuple[str, int]:
    """The level of a plain line without its time, and where its message begins.

    >>> level_of("[error] 7#7: *1 upstream timed out")
    ('error', 7)
    >>> level_of("dial tcp: connection refused")
    ('error', 0)
    """
    beginning = said[:_WITHIN].lower()
    found = None
    if any(hint in beginning for hint in _HINTS):
        found = _SAID.search(said, 0, _WITHIN)
    if found and found.lastgroup == "announced":
        return ("warning" if said[0] in "wW" else "error"), 0
    if found and found.lastgroup:
        return levels_word(found.group(found.lastgroup)), found.end()
    if _EXCEPTION.match(said) or _tells_of_trouble(said[:_MOST_SEARCHED]):
        return "error", 0
    # it announces an error; the error itself is the traceback's last line
    return ("warning" if said.startswith("Traceback ") else "info"), 0


def _tells_of_trouble(said: str) -> bool:
    lower = said.lower()
    if any(words in lower for words in _WRONG) or _SHOUTED.search(said):
        return True
    return ("exit" in lower or "***" in lower) and _EXIT.search(lower) is not None
