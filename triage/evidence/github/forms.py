"""What is read of GitHub's answers; https://docs.github.com/rest says what else they have."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from triage.senders.github import ForeignRepository, ForeignRun

_GREEN = frozenset({"success", "skipped", "neutral"})


class _Foreign(BaseModel):
    """A part of an answer; GitHub adds fields as it likes."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Run(ForeignRun):
    """One attempt of a run of a workflow."""

    run_number: int = 0
    repository: ForeignRepository


class Runs(_Foreign):
    """A page of runs, newest first."""

    workflow_runs: tuple[Run, ...] = ()


class Step(_Foreign):
    """One step of a job."""

    name: str
    number: int
    conclusion: str | None = None
    started_at: AwareDatetime | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than it should."""
        return self.conclusion is not None and self.conclusion not in _GREEN


class Job(_Foreign):
    """One job of a run."""

    id: int = Field(ge=1)
    name: str
    conclusion: str | None = None
    completed_at: AwareDatetime | None = None
    runner_name: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than it should."""
        return self.conclusion is not None and self.conclusion not in _GREEN


class Jobs(_Foreign):
    """The jobs of one attempt."""

    total_count: int = 0
    jobs: tuple[Job, ...] = ()


class Author(_Foreign):
    """Who made a commit."""

    name: str = ""


class CommitText(_Foreign):
    """What a commit says of itself."""

    message: str = ""
    author: Author = Author()


class Commit(_Foreign):
    """One commit of a comparison."""

    sha: str
    commit: CommitText = CommitText()


class ChangedFile(_Foreign):
    """One file of a comparison; ``patch`` is missing when it is binary or very long."""

    filename: str
    status: str = "modified"
    additions: int = 0
    deletions: int = 0
    patch: str = ""


class Comparison(_Foreign):
    """What lies between two commits."""

    status: str = ""
    ahead_by: int = 0
    behind_by: int = 0
    commits: tuple[Commit, ...] = ()
    files: tuple[ChangedFile, ...] = ()
