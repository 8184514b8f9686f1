"""The run itself as evidence: what ran for which commit, and which step of which job failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from triage.clock import stamp
from triage.evidence.github.forms import Job, Run
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Line, Observation

ITEM = "github.run"
_MOST_JOBS = 40


def run_item(run: Run, jobs: Sequence[Job], note: str, now: datetime) -> EvidenceItem:
    """One item: the run in a few lines, then its jobs, with the failed steps of each."""
    texts = list(_head(run))
    observations: list[Observation] = []
    for job in sorted(jobs, key=lambda one: not one.failed)[:_MOST_JOBS]:
        texts.append(f"job {job.name}: {job.conclusion or 'not completed'}")
        for step in (step for step in job.steps if step.failed):
            texts.append(f"job {job.name}, step {step.number} {step.name}: {step.conclusion}")
            told = {"job": job.name, "step": step.name, "error": texts[-1]}
            observations.append(
                Observation(name="step.failed", line=len(texts), at=step.started_at, texts=told)
            )
    return EvidenceItem(
        id=ITEM,
        source=f"run {run.id} of {run.repository.full_name}",
        kind=EvidenceKind.RUNTIME,
        collected_at=now,
        status=EvidenceStatus.OK,
        note=note,
        lines=tuple(Line(number=at, text=" ".join(text.split())) for at, text in enumerate(texts, start=1)),
        observations=tuple(observations),
    )


def _head(run: Run) -> Iterator[str]:
    yield f"workflow {run.name or run.path}, run {run.id}, attempt {run.run_attempt}: {run.conclusion}"
    began = stamp(run.run_started_at or run.created_at)
    yield f"event {run.event}, branch {run.head_branch or 'none'}, commit {run.head_sha}"
    yield f"began {began}, ended {stamp(run.updated_at)}"
    for request in run.pull_requests:
        yield f"pull request {request.number}"
