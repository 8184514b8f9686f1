"""A worker whose engine hangs says so, and ends whatever its threads are at."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import threading
from homeostat.log import configure_logging
from serving.hung import end_hung
from serving.log_writer import write_in_background
configure_logging("model-toy")
write_in_background(lambda: None)
threading.Thread(target=threading.Event().wait).start()
end_hung(60.0)
"""


def test_the_last_line_names_the_engine_and_the_process_ends_although_a_thread_does_not():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, timeout=60, check=False, text=True
    )
    assert done.returncode == 1
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["event"], said["level"], said["seconds"]) == ("engine_hung", "error", 60.0)
