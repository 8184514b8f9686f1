"""The local forge: a bare repository whose ``main`` is what the platform builds and deploys.

``git push`` to it is all that a person does. Its hook queues the commit before the push is reported as done
and then shows the run; the hook names the platform's own Python by its full path, so that it works whatever
the pusher's PATH, environment or git configuration is.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from delivery.git import BRANCH, Git
from homeostat import atomic
from homeostat.paths import ROOT_VARIABLE, STATE_VARIABLE

_SETTINGS = {
    # a newcomer's clone is often shallow
    "receive.shallowUpdate": "true",
    # what was built and handed off stays in the history
    "receive.denyNonFastForwards": "true",
    # fsync what a push brings before it is reported as done
    "core.fsync": "committed",
    # housekeeping would make a pusher wait
    "gc.auto": "0",
    "receive.autogc": "false",
}

_HOOK = """\
#!/bin/sh
# Made by the platform, which writes it anew when it differs: queues the pushed commit and shows its run.
PATH=${{PATH:-/usr/local/bin:/usr/bin:/bin}}
PYTHONPATH={root}:{root}/model-source
{root_variable}={root}
{state_variable}={state}
export PATH PYTHONPATH {root_variable} {state_variable}
unset PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV
if [ -x {python} ]; then
    exec {python} -m homeostat delivery receive
fi
echo "The platform's environment is gone; the push is kept and runs at 'make up'."
"""


def ensure_forge(forge: Path, root: Path, state: Path) -> Git:
    """Make the forge, or put right what differs; run again, it changes nothing.

    Args:
        forge: the bare repository's folder.
        root: the platform's repository, whose code the hook runs.
        state: the platform's state folder.
    """
    git = Git(forge)
    if not (forge / "HEAD").exists():
        forge.mkdir(parents=True, exist_ok=True)
        git("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}")
    for key, value in _SETTINGS.items():
        if git.attempt("config", "--local", key).stdout.strip() != value:
            git("config", "--local", key, value)
    hook = forge / "hooks" / "post-receive"
    wanted = hook_text(root, state)
    if not hook.exists() or hook.read_text(encoding="utf-8") != wanted:
        atomic.write_text(hook, wanted, mode=0o755)
    return git


def hook_text(root: Path, state: Path) -> str:
    """The post-receive hook as a shell script."""
    return _HOOK.format(
        python=shlex.quote(sys.executable),
        root=shlex.quote(str(root)),
        state=shlex.quote(str(state)),
        root_variable=ROOT_VARIABLE,
        state_variable=STATE_VARIABLE,
    )


def tip(git: Git) -> str | None:
    """The commit that ``main`` names, or None while nothing was pushed."""
    return git.commit_of(f"refs/heads/{BRANCH}")
