"""Run a playbook: progress while it goes, a recap when it ends, one sentence when it fails."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from homeostat.paths import repository_root, state_directory
from homeostat.redaction import redact, remember
from infra.cluster.step import Say
from infra.definition import place
from infra.definition.load import load_definition
from infra.playbooks import command, failure, process
from infra.playbooks.command import Run
from infra.playbooks.errors import PlaybookFailed
from infra.playbooks.events import Event, PlayBegan, Result, Retried, Status, TaskBegan
from infra.playbooks.log_file import LogFile
from infra.playbooks.recap import Gathering, Recap


def run_playbook(
    name: str,
    definition_path: Path,
    extra: Mapping[str, Any] | None = None,
    limit: str | None = None,
    say: Say = lambda _: None,
    secrets: Mapping[str, str] | None = None,
) -> Recap:
    """Run the playbook ``name`` on the hosts of the definition, for this clone of the repository.

    Args:
        name: the file in ``ansible/playbooks``, without its ending.
        definition_path: the ``cluster.yaml``.
        extra: variables that are no secrets.
        limit: hosts or groups, as Ansible's ``--limit`` takes them.
        say: is told what is being done.
        secrets: environment variable -> secret.

    Raises:
        ConfigError: when the definition is wrong.
        PlaybookFailed: when a host failed or could not be reached.
        AnsibleMissing: when this environment has no Ansible.
    """
    root = repository_root()
    run = Run(name, definition_path, extra or {}, limit, secrets=secrets or {})
    return perform(run, root, state_directory(root), say)


def perform(run: Run, root: Path, state: Path, say: Say) -> Recap:
    """Run a playbook of the clone at ``root``, logging in ``state``; raises as :func:`run_playbook`."""
    load_definition(run.definition)
    arguments = command.arguments(run, root)
    for secret in run.secrets.values():
        remember(secret)
    place.known_hosts(state).parent.mkdir(parents=True, exist_ok=True)
    log = LogFile.of_now(state / "logs")
    gathering, progress, began = Gathering(), _Progress(say), time.monotonic()

    def take(event: Event) -> None:
        clean = _clean(event)
        gathering.take(clean)
        progress.take(clean)

    try:
        # connections that an earlier run kept would lead to machines that were restarted since
        with TemporaryDirectory(prefix="ssh-", ignore_cleanup_errors=True) as connections:
            variables = command.environment(run, root, state) | {"ANSIBLE_SSH_CONTROL_PATH_DIR": connections}
            code = process.follow(arguments, variables, root / "ansible", log, take)
    finally:
        log.close()
    if code:
        raise PlaybookFailed(f"{_reason(code, gathering, log)} All that Ansible said is in {log.path}.")
    return Recap(
        run.playbook,
        tuple(gathering.hosts()),
        tuple(gathering.told),
        tuple(gathering.diffs),
        gathering.ended.left if gathering.ended else {},
        log.path,
        time.monotonic() - began,
    )


class _Progress:
    """Events as short lines for a person who waits."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._task = ""

    def take(self, event: Event) -> None:
        if isinstance(event, PlayBegan | TaskBegan):
            self._task = event.name
            self._say(event.name)
        elif isinstance(event, Retried):
            self._say(f"{event.task}: {event.host} (look {event.attempt} of {event.most})")
        elif isinstance(event, Result) and event.status is not Status.OK:
            self._say(f"{self._task}: {event.host} {event.status}")


def _clean(event: Event) -> Event:
    """The event without secrets: nothing else of it is kept, shown or raised."""
    if not isinstance(event, Result):
        return event
    names = ("message", "errors", "diff")
    return event.model_copy(update={name: redact(getattr(event, name)) for name in names})


def _reason(code: int, gathering: Gathering, log: LogFile) -> str:
    if found := failure.decisive(gathering.bad, gathering.ended):
        return failure.sentence(found)
    if said := next((line for line in log.last_lines if "ERROR" in line), None):
        return f"Ansible could not run: {failure.decisive_line(said).rstrip('.')}."
    return f"ansible-playbook ended with the exit code {code}."
