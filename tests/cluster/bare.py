"""A local cluster with nothing deployed into it, worked on through the provider's own steps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from infra.cluster.provider import ClusterStatus
from infra.cluster.step import Step
from infra.gitops.kubectl import Kubectl
from infra.local.place import Place, place
from infra.local.start import Start
from infra.local.status import status
from infra.local.stop import Stop, removal_steps
from infra.programs.obtain import standard_programs

#: what a killed command was doing: the steps, each told before it begins
_STEPS = """\
import sys
from pathlib import Path
from tests.cluster.bare import Bare
bare = Bare(Path(sys.argv[1]), Path(sys.argv[2]))
for step in bare.start_steps():
    print(step.title, flush=True)
    step.run(lambda what: print(what, flush=True))
"""


@dataclass(frozen=True, slots=True)
class Bare:
    """The cluster of one state folder."""

    root: Path
    state: Path

    @property
    def place(self) -> Place:
        return place(self.root, self.state)

    @property
    def kubectl(self) -> Kubectl:
        return Kubectl(self.place.programs / "kubectl", self.place.kubeconfig)

    def start_steps(self) -> Iterable[Step]:
        programs = standard_programs(self.root, self.root / ".homeostat" / "programs")
        return Start(self.place, programs).steps()

    def start(self) -> list[str]:
        """Start it, and return what was changed."""
        return _run(self.start_steps())

    def stop(self) -> list[str]:
        """Stop it, and return what was changed."""
        return _run(Stop(self.place).steps())

    def remove(self) -> list[str]:
        """Remove it, and return what was changed."""
        return _run(removal_steps(self.place))

    def status(self) -> ClusterStatus:
        return status(self.place)

    def kill_a_start_when_it_says(self, words: str) -> None:
        """Start it in a process of its own that is killed as soon as it says ``words``."""
        command = [sys.executable, "-c", _STEPS, str(self.root), str(self.state)]
        with subprocess.Popen(command, cwd=self.root, stdout=subprocess.PIPE, text=True) as starting:
            assert starting.stdout is not None
            said = next((line for line in starting.stdout if line.strip() == words), None)
            starting.kill()
        assert said, f"the start never said '{words}'"


def _run(steps: Iterable[Step]) -> list[str]:
    return [changed for step in steps for changed in step.run(lambda what: None)]
