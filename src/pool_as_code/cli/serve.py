"""`pac serve`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import options as o
from .console import Console

if TYPE_CHECKING:
    from ..app.serving import Serving

HELP = """Serve the embedded directory over HTTP, as the service does, until it is stopped. Programs register in a file of
clients; with --dev one is made, its lines to paste are printed, and messages are shown here and at /dev/outbox.

\b
Example:
  pac serve --dev --store sqlite:///directory.db
"""


@click.command(help=HELP, short_help="Serve the embedded directory over HTTP.")
@o.where
@click.option("--host", default="127.0.0.1", show_default=True, metavar="NAME", help="Address to listen on.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Port; 0 is any free one.",
)
@click.option(
    "--tenant",
    "tenants",
    multiple=True,
    metavar="NAME[=STORE]",
    help="Name in every path, else `default`; several, each with its store.",
)
@click.option("--clients", type=o.FILE, metavar="FILE", help="Programs that may ask, with hashes of their secrets.")
@click.option(
    "--client",
    multiple=True,
    metavar="ID:VARIABLE",
    help="One such program, whose secret the variable holds.",
)
@click.option("--tls-cert", type=o.FILE, metavar="FILE", help="Certificate (PEM); needed beyond this machine.")
@click.option("--tls-key", type=o.FILE, metavar="FILE", help="Its private key (PEM).")
@click.option("--public-url", default="", metavar="URL", help="How others reach it, behind a proxy.")
@click.option(
    "--threads", default=4, show_default=True, type=click.IntRange(1, 64), metavar="N", help="Worker threads."
)
@click.option(
    "--workspace",
    "workspaces",
    multiple=True,
    metavar="ID",
    help="A workspace to make, if it is not there; repeatable.",
)
@click.option(
    "--signing-key-age",
    metavar="DURATION",
    help="Replace a signing key that is older; 0 for never.  [default: 90d]",
)
@click.option("--dev", is_flag=True, help="A client for everything, and messages shown.")
@click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    metavar="URI",
    help="With --dev: where a web application runs.  [default: http://localhost:3000/]",
)
@o.always
@o.pass_console
def serve(
    console: Console,
    env: str | None,
    store: str | None,
    host: str,
    port: int,
    tenants: tuple[str, ...],
    clients: Path | None,
    client: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
    public_url: str,
    threads: int,
    workspaces: tuple[str, ...],
    signing_key_age: str | None,
    dev: bool,
    redirect_uris: tuple[str, ...],
) -> int:
    """Serves until it is stopped."""
    from ..app.serving import ServeOptions
    from ..app.serving import serve as run
    from ..render.escape import escape

    def begun(serving: Serving) -> None:
        console.tell(f"Serving on {serving.url}; Ctrl-C stops it")
        for line in serving.lines:
            console.write(f"{escape(line)}\n")

    options = ServeOptions(
        host,
        port,
        tenants,
        clients,
        client,
        tls_cert,
        tls_key,
        public_url,
        threads,
        dev,
        workspaces,
        redirect_uris,
        signing_key_age,
    )
    console.if_interrupted = "the server has stopped; nothing is half-written"
    run(o.a_request(console, (), env, store), options, begun, console.tell)
    return 0
