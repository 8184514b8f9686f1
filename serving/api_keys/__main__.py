"""``python -m serving.api_keys``: the service, and a way to make a key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)


@app.command()
def serve(
    keys: Annotated[Path, typer.Option("--keys", help="The file with lines NAME:HASH.")],
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="The port to listen on.")] = 8091,
) -> None:
    """Answer the proxy: python -m serving.api_keys serve --keys api-keys.txt."""
    import uvicorn  # noqa: PLC0415 - not needed to make a key

    from homeostat.log import configure_logging  # noqa: PLC0415
    from serving.api_keys.app import create_app  # noqa: PLC0415
    from serving.api_keys.keys import KeyFile  # noqa: PLC0415

    configure_logging("api-keys")
    uvicorn.run(create_app(KeyFile(keys)), host=host, port=port, log_config=None, access_log=False)


@app.command()
def new(name: Annotated[str, typer.Argument(help="Who will hold the key, such as 'shop'.")]) -> None:
    """Make a key: python -m serving.api_keys new shop.

    The key goes to its holder and nowhere else; the line goes into the Secret's file.
    """
    from serving.api_keys.keys import KeysUnreadable, hash_of, new_key, parse  # noqa: PLC0415

    key = new_key()
    line = f"{name}:{hash_of(key)}"
    try:
        parse(line)
    except KeysUnreadable:
        raise typer.BadParameter(
            f"'{name}' should be lower-case letters, digits, dots and hyphens, at most 64."
        ) from None
    typer.echo(f"key:  {key}\nline: {line}")


if __name__ == "__main__":
    app()
