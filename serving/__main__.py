"""``python -m serving``: one model server, as a supervisor or a container starts it."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from homeostat.errors import HomeostatError


def main(
    release: Path = typer.Option(..., help="release.yaml of the version to serve."),
    bento: Path = typer.Option(..., help="Folder of the packaged bento."),
    host: str = typer.Option("127.0.0.1", help="Address to listen on when no socket is inherited."),
    port: int = typer.Option(8100, help="Port to listen on when no socket is inherited; 0 for any free one."),
    drain_seconds: float = typer.Option(1.0, help="How long to keep answering after SIGTERM, not ready."),
) -> None:
    """Serve one release after verifying its bento and its model by their digests.

    Example: python -m serving --release manifests/models/phishing_detector/release.yaml --bento BENTO
    """
    from serving.process import Options, serve  # noqa: PLC0415 - the libraries behind it take seconds to import

    try:
        serve(Options(release, bento, host, port, drain_seconds))
    except HomeostatError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    typer.run(main)
