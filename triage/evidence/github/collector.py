"""Gathers what GitHub knows of a failed run, by the labels of its alert alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from triage.clock import Clock
from triage.evidence.collector import Scope
from triage.evidence.github.api import Connection, GitHubReader, Unanswered
from triage.evidence.github.difference import ITEM as DIFFERENCE
from triage.evidence.github.difference import difference_item
from triage.evidence.github.forms import Comparison, Job, Jobs, Run, Runs
from triage.evidence.github.job_log import item_id, log_item
from triage.evidence.github.run_item import ITEM as RUN
from triage.evidence.github.run_item import run_item
from triage.evidence.github.source_file import file_item, named_files
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus
from triage.repository_name import is_repository
from triage.symptom import Symptom

#: a label that may become part of a path; anything else is not asked for
_NUMBER = re.compile(r"[1-9]\d{0,18}")
_MOST_LOG_BYTES = 8 << 20
_MOST_FILE_BYTES = 1 << 20
#: jobs that failed beyond these mostly failed alike
_MOST_LOGS = 3


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which run, and which attempt of it."""

    repository: str
    run: int
    attempt: int

    @property
    def path(self) -> str:
        return f"/repos/{self.repository}/actions/runs/{self.run}"


class GitHubCollector:
    """The run, the logs of its failed jobs, the lines that they name, and what changed since it was green."""

    name = "github"

    def __init__(self, connection: Connection, client: httpx.Client, clock: Clock) -> None:
        self._connection = connection
        self._client = client
        self._clock = clock

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """Up to ten items; one that can't be had says why."""
        wanted = _wanted(scope.alert.labels)
        if wanted is None and scope.symptom is not Symptom.PIPELINE:
            return []
        if wanted is None:
            told = "the alert names no repository and run"
            return [self._missing(RUN, "GitHub", Unanswered(EvidenceStatus.EMPTY, told))]
        reader = GitHubReader(self._connection, self._client)
        try:
            run = reader.one(f"{wanted.path}/attempts/{wanted.attempt}", Run)
        except Unanswered as why:
            return [self._missing(RUN, f"run {wanted.run} of {wanted.repository}", why)]
        return list(self._of_run(reader, wanted, run))

    def _of_run(self, reader: GitHubReader, wanted: _Wanted, run: Run) -> Iterator[EvidenceItem]:
        jobs, note = self._jobs(reader, wanted)
        yield run_item(run, jobs, note, self._clock())
        logs = [self._log(reader, wanted, job) for job in [job for job in jobs if job.failed][:_MOST_LOGS]]
        yield from logs
        named = named_files(logs)
        for path, lines in named.items():
            yield self._file(reader, wanted, run, path, lines)
        yield self._difference(reader, wanted, run, tuple(named))

    def _jobs(self, reader: GitHubReader, wanted: _Wanted) -> tuple[Sequence[Job], str]:
        try:
            found = reader.one(f"{wanted.path}/attempts/{wanted.attempt}/jobs", Jobs, per_page="100")
        except Unanswered as why:
            return (), f"its jobs are not known: {why}"
        hidden = found.total_count - len(found.jobs)
        return found.jobs, f"{hidden} more jobs are not shown" if hidden > 0 else ""

    def _log(self, reader: GitHubReader, wanted: _Wanted, job: Job) -> EvidenceItem:
        try:
            log = reader.text(f"/repos/{wanted.repository}/actions/jobs/{job.id}/logs", _MOST_LOG_BYTES)
        except Unanswered as why:
            return self._missing(item_id(job), f"log of the job {job.name}", why)
        if not log.content.strip():
            empty = Unanswered(EvidenceStatus.EMPTY, "the log is empty")
            return self._missing(item_id(job), f"log of the job {job.name}", empty)
        return log_item(job, log, self._clock())

    def _file(
        self, reader: GitHubReader, wanted: _Wanted, run: Run, path: str, lines: Sequence[int]
    ) -> EvidenceItem:
        try:
            content = reader.text(
                f"/repos/{wanted.repository}/contents/{quote(path)}", _MOST_FILE_BYTES, ref=run.head_sha
            )
        except Unanswered as why:
            return self._missing(f"github.file.{path}", path, why, EvidenceKind.CHANGE)
        if content.first_line > 1:
            large = Unanswered(EvidenceStatus.ERROR, f"the file has more than {_MOST_FILE_BYTES} bytes")
            return self._missing(f"github.file.{path}", path, large, EvidenceKind.CHANGE)
        return file_item(path, run.head_sha, content.content, lines, self._clock())

    def _difference(
        self, reader: GitHubReader, wanted: _Wanted, run: Run, named: Sequence[str]
    ) -> EvidenceItem:
        try:
            green = self._last_green(reader, wanted, run)
            span = f"{green.head_sha}...{run.head_sha}"
            comparison = reader.one(f"/repos/{wanted.repository}/compare/{span}", Comparison)
        except Unanswered as why:
            return self._missing(DIFFERENCE, "the difference to the last green run", why, EvidenceKind.CHANGE)
        return difference_item(green, run, comparison, named, self._clock())

    def _last_green(self, reader: GitHubReader, wanted: _Wanted, run: Run) -> Run:
        """The newest green run of the same workflow and branch before this one.

        Raises:
            Unanswered: also when there is none.
        """
        path = f"/repos/{wanted.repository}/actions/workflows/{run.workflow_id}/runs"
        branches = [run.head_branch or ""]
        # a branch that was never green is compared with where it came from
        if (default := run.repository.default_branch) not in branches:
            branches.append(default)
        for branch in branches:
            found = reader.one(path, Runs, branch=branch, status="success", per_page="20")
            for green in found.workflow_runs:
                if green.id < run.id and green.conclusion == "success":
                    return green
        raise Unanswered(
            EvidenceStatus.EMPTY, f"no earlier green run of this workflow on {' or '.join(branches)}"
        )

    def _missing(
        self, item: str, source: str, why: Unanswered, kind: EvidenceKind = EvidenceKind.RUNTIME
    ) -> EvidenceItem:
        return EvidenceItem(
            id=item, source=source, kind=kind, collected_at=self._clock(), status=why.status, note=str(why)
        )


def _wanted(labels: Mapping[str, str]) -> _Wanted | None:
    repository, run = labels.get("repository", ""), labels.get("run_id", "")
    attempt = labels.get("attempt", "1")
    if not (is_repository(repository) and _NUMBER.fullmatch(run) and _NUMBER.fullmatch(attempt)):
        return None
    return _Wanted(repository, int(run), int(attempt))
