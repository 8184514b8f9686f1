"""The digest of every standard candidate, fitted on the phishing data; run it to print them as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ct.data.dataset import canonical
from ct.data.source import load_rows
from ct.data.split import split_rows
from ct.spec import find_spec
from ct.standard_candidates import standard_candidates
from ct.training.search import fitted
from homeostat import digest
from serving.bundle import deterministic_pickle


def candidate_digests(root: Path) -> dict[str, str]:
    spec = find_spec(root, "phishing_detector")
    train = split_rows(canonical(load_rows(spec, root), spec), spec).train
    digests: dict[str, str] = {}
    for candidate in standard_candidates(spec.split.seed):
        estimator = fitted(candidate, train)
        digests[candidate.name] = digest.of_bytes(deterministic_pickle(estimator))
    return digests


if __name__ == "__main__":
    sys.stdout.write(json.dumps(candidate_digests(Path.cwd())))
