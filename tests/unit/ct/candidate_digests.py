"""The digest of every standard candidate's bundle, from the phishing data; run it to print them as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ct.data.dataset import canonical
from ct.data.source import load_rows
from ct.data.split import split_rows
from ct.engine_choice.choice import choose_engine
from ct.spec import find_spec
from ct.standard_candidates import standard_candidates
from ct.training.search import fitted
from homeostat import digest
from serving.bundle import save_bundle


def candidate_digests(root: Path) -> dict[str, str]:
    spec = find_spec(root, "phishing_detector")
    rows = split_rows(canonical(load_rows(spec, root), spec), spec)
    digests: dict[str, str] = {}
    for candidate in standard_candidates(spec.split.seed):
        estimator = fitted(candidate, rows.train)
        chosen = choose_engine(estimator, rows, spec.manifest())
        manifest = spec.manifest().model_copy(update={"engine": chosen.choice})
        with tempfile.TemporaryDirectory() as folder:
            save_bundle(Path(folder), estimator, manifest, chosen.graph)
            digests[candidate.name] = digest.of_tree(Path(folder))
    return digests


if __name__ == "__main__":
    sys.stdout.write(json.dumps(candidate_digests(Path.cwd())))
