"""A small service, run as a program: it answers its revision on every path, or fails as it is told to."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def main() -> None:
    arguments = _arguments()
    sys.stdout.write(f"started {arguments.revision}\n")
    sys.stdout.flush()
    if arguments.leaves_a_child:
        subprocess.Popen(["sleep", "300"], start_new_session=True)
    if arguments.release and arguments.release.read_text().strip() != arguments.revision:
        sys.exit("the release is not the one that was declared")
    if arguments.broken:
        sys.exit("this one is broken on purpose")
    if arguments.port is None and "HOMEOSTAT_LISTEN_FD" not in os.environ:
        signal.pause()
    _serve(arguments)


def _serve(arguments: argparse.Namespace) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sick = arguments.sick_file is not None and arguments.sick_file.exists()
            body = arguments.revision.encode()
            self.send_response(503 if sick else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    inherited = os.environ.get("HOMEOSTAT_LISTEN_FD")
    server = ThreadingHTTPServer(("127.0.0.1", arguments.port or 0), Handler, bind_and_activate=not inherited)
    server.daemon_threads = False  # closing waits for the answers that are under way
    if inherited:
        server.socket.close()
        server.socket = socket.socket(fileno=int(inherited))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    if inherited and not arguments.never_ready:
        _notify()
    server.serve_forever(poll_interval=0.02)
    server.server_close()


def _notify() -> None:
    address = os.environ["NOTIFY_SOCKET"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.connect("\0" + address[1:] if address.startswith("@") else address)
        notify.send(b"READY=1\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--revision", default="")
    parser.add_argument("--release", type=Path)
    parser.add_argument("--sick-file", type=Path)
    parser.add_argument("--broken", action="store_true")
    parser.add_argument("--never-ready", action="store_true")
    parser.add_argument("--leaves-a-child", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
