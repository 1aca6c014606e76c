"""`pac users ...`: questions about single users of a directory."""

from __future__ import annotations

import click

from . import completing
from . import options as o
from .console import Console
from .lazy import LazyCommand, LazyGroup

VERIFY = """Check that a user's password signs in. It is read from standard input, up to the first line end; on a terminal it is
asked for and not shown. USER is POOL/NAME, or POOL/IDENTIFIER for a user that is not declared here.

\b
Example:
  printf %s "$ADA_PASSWORD" | pac users verify customers/ada
"""


@click.command(help=VERIFY, short_help="Check that a user's password signs in.")
@click.argument("user", shell_complete=completing.users)
@o.where
@o.always
@o.pass_console
def verify(console: Console, user: str, env: str | None, store: str | None) -> int:
    """Exit 0 when it signs in, 1 when not."""
    from ..app.asking import verify as verify_password
    from ..render.escape import escape

    request = o.a_request(console, (), env, store)
    found = verify_password(request, user, lambda: console.read_secret("Password: "), console.tell)
    words = _WORDS.get(found.reason, found.reason.replace("_", " "))
    state = f" (state: {found.state.replace('_', ' ')})" if found.state not in ("", "valid") else ""
    console.write(f"{escape(words)}{escape(state)}\n")
    return 0 if found.ok else 1


_WORDS = {"password_correct": "password correct"}

users = LazyGroup(
    name="users",
    help="Check users' credentials.",
    short_help="Check users' credentials.",
    context_settings={"help_option_names": ["-h", "--help"]},
    table=(LazyCommand("verify", "users", "verify", "Check that a user's password signs in."),),
)
