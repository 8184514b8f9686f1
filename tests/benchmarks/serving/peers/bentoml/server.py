"""``bentoml serve`` with one worker: ``server.py MODEL_FOLDER PORT``."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    folder, port = Path(sys.argv[1]), sys.argv[2]
    os.environ |= {
        "BENCH_MODEL": str(folder),
        "BENTOML_HOME": str(folder / f"bentoml-{port}"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    program = str(Path(sys.executable).parent / "bentoml")
    here = str(Path(__file__).parent)
    os.execv(
        program,
        [program, "serve", "service:Bench", "--working-dir", here, "--host", "127.0.0.1", "--port", port],
    )
