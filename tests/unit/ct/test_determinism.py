"""Same commit and same data give the same bundle, in whichever process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.unit.ct.small_repository import REPOSITORY


def candidates_of_a_new_process(hash_seed: int) -> dict[str, str]:
    """The digest of every candidate, made as the platform makes them: in a process for nothing else."""
    paths = f"{REPOSITORY}:{REPOSITORY / 'model-source'}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.ct.candidate_digests"],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": paths},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_candidate_has_the_same_bytes_in_another_process() -> None:
    first = candidates_of_a_new_process(hash_seed=7)
    assert len(first) >= 3
    assert candidates_of_a_new_process(hash_seed=8) == first
