"""Same commit and same data give the same model bytes, in whichever process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.unit.ct.candidate_digests import candidate_digests
from tests.unit.ct.small_repository import REPOSITORY


def test_every_candidate_has_the_same_bytes_in_another_process() -> None:
    paths = f"{REPOSITORY}:{REPOSITORY / 'model-source'}"
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.ct.candidate_digests"],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": paths},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    here = candidate_digests(REPOSITORY)
    assert len(here) >= 3
    assert json.loads(done.stdout) == here
