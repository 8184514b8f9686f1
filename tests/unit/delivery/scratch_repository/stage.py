"""One stage: stops where a test wants it to, fails as ``outcome`` says, and really hands off."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

stage = sys.argv[1]
state = Path(os.environ["HOMEOSTAT_STATE"])
results = Path(os.environ["RESULTS"])
model = b"the bytes that were gated"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def write_verdict(outcome, sentence):
    (results / f"{stage}.json").write_text(json.dumps({"outcome": outcome, "sentence": sentence}))


def stop_at(where):
    hold = state / f"hold-{where}"
    if hold.exists():
        hold.with_suffix(".reached").write_text(str(os.getpid()))
    while hold.exists():
        time.sleep(0.02)


def train():
    commit = os.popen("git rev-parse HEAD").read().strip()
    gate = {"name": "auc", "outcome": "passed", "value": 0.9, "bound": 0.8, "sentence": "AUC is 0.9."}
    result = {"model": "toy", "version": 1, "run_id": "a" * 32, "source_commit": commit, "gates": [gate]}
    result |= {"model_sha256": sha256(model), "data_sha256": sha256(b"data")}
    result |= {"inputs_digest": sha256(commit.encode())}
    (results / "toy").mkdir(exist_ok=True)
    (results / "toy" / "result.json").write_text(json.dumps(result))


def package():
    bento = state / "store" / "bentos" / sha256(b"bento")
    bento.mkdir(parents=True, exist_ok=True)
    (bento / "model.pkl").write_bytes(model)
    (results / "toy" / "package.json").write_text(
        json.dumps({"bento_digest": bento.name, "image_digest": None})
    )


def hand_off():
    from delivery.handoff import Remote  # noqa: PLC0415 - only this stage has them
    from delivery.handoff_stage import hand_off_results  # noqa: PLC0415

    def promote(name, version):
        with (state / "promoted").open("a") as stream:
            stream.write(f"{name} {version}\n")

    remote = Remote(os.environ["REMOTE"])
    return hand_off_results(results, state / "store" / "bentos", remote, os.environ["RUN"], promote).sentence


with (state / f"began-{stage}").open("a") as stream:
    stream.write("began\n")
sys.stdout.write(f"this is {stage}; password=hunter22\n")
sys.stdout.flush()
stop_at(f"before-{stage}")
if Path("outcome").exists() and Path("outcome").read_text().split()[0] == stage:
    write_verdict(Path("outcome").read_text().split()[1], "the test wants it.")
    sys.exit(1)
sentence = {"ct": train, "package": package, "handoff": hand_off}.get(stage, lambda: None)() or "done."
stop_at(f"after-{stage}")
write_verdict("passed", sentence)
