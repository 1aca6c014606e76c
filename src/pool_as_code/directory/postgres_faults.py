"""PostgreSQL's errors in our words. No message shows a URL's password: the server's and the driver's texts are not repeated
where they could hold one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.errors import Rejected, StoreError, Unauthorised, Unavailable
from .database import ConstraintBroken

if TYPE_CHECKING:
    from psycopg import Error

_BUSY = "wait until the other run has ended, then run again"
_NOTHING = "nothing was half-written"

# The longest beginning of the SQLSTATE (PostgreSQL manual, appendix A) that is listed here counts.
_UNAVAILABLE = {
    "08": ("can not be reached: the connection failed", "check that the server runs, and run again", None),
    "25006": ("can not be written: the server or the session only reads", "name the primary server in the URL", None),
    "40": ("was changed by somebody else at the same moment", f"run again; {_NOTHING}", 1.0),
    "53": ("can not be used: the server lacks memory or connections", f"run again later; {_NOTHING}", 10.0),
    "53100": ("can not grow: the server's disk is full", f"make room and run again; {_NOTHING}", None),
    "53300": ("can not be reached: the server has no connection left", "run again later", 10.0),
    "54": ("can not do that: a limit of PostgreSQL", "see the server's log", None),
    "55P03": ("is locked by another process", _BUSY, 5.0),
    "55006": ("is in use by others", _BUSY, 5.0),
    "57014": ("was too slow: the server ended the statement", "raise statement_timeout for this role", None),
    "57P": ("can not be reached: the server shuts down or starts up", "run again in a moment", 10.0),
    "25P03": ("can not be reached: the server ended an idle session", "raise its time limit for this role", None),
    "58": ("can not be read or written by the server", f"check the server's disk; {_NOTHING}", None),
    "XX001": ("is damaged", "restore it from a copy", None),
    "XX002": ("is damaged", "restore it from a copy, or rebuild the index", None),
    "3D000": ("does not exist: there is no such database", "CREATE DATABASE makes it", None),
}
_UNAUTHORISED = {
    "28": ("refuses the role or its password", "check PGUSER, PGPASSWORD or the password file (~/.pgpass)"),
    "42501": ("does not allow that to this role", "GRANT it the rights on the schema, see docs/stores.md"),
}
_REJECTED = {
    "22021": "a text holds a NUL character, which PostgreSQL keeps nowhere but inside of settings",
    "54000": "a text is too long for an index of PostgreSQL",
}


class ConnectionLost(Unavailable):
    """When the connection broke. What was not committed does not stand."""


@contextmanager
def translated(shown: str, *, connecting: bool = False) -> Iterator[None]:
    """PostgreSQL's errors as ours; those of a wrong program pass. `shown` is the URL without credentials."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        ours = in_our_words(error, shown, connecting=connecting)
        if ours is None:
            raise
        raise ours from error


def in_our_words(error: Error, shown: str, *, connecting: bool = False) -> StoreError | None:
    """The error as one of a store; None for one of the program."""
    import psycopg

    state = error.sqlstate or ""
    where = f"the directory {shown}"
    if state.startswith("23"):
        return ConstraintBroken(error.diag.message_primary or "a constraint is broken")
    if isinstance(error, psycopg.DataError) and ("NUL" in str(error) and not state):
        return Rejected(_REJECTED["22021"], hint="remove it")
    for length in range(5, 1, -1):
        begin = state[:length]
        if begin in _REJECTED:
            return Rejected(_REJECTED[begin], hint="remove it" if begin == "22021" else "make it shorter")
        if begin in _UNAUTHORISED:
            said, hint = _UNAUTHORISED[begin]
            return Unauthorised(f"{where} {said}", hint=hint)
        if begin in _UNAVAILABLE:
            said, hint, wait = _UNAVAILABLE[begin]
            return Unavailable(f"{where} {said}", hint=hint, retry_after=wait)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and not state:
        return _of_the_connection(error, where, connecting=connecting)
    return None


def _of_the_connection(error: Error, where: str, *, connecting: bool) -> StoreError:
    """libpq's own errors have no state: refused, no such host, timeouts, TLS; while connecting, the server's too."""
    if not connecting:
        return ConnectionLost(f"the connection to {where} was lost", hint="check the server and the network, run again")
    said = str(error)
    for word, state in (
        ("password authentication failed", "28"),
        ("no password supplied", "28"),
        ("authentication failed", "28"),
        ("no pg_hba.conf entry", "28"),
        ("permission denied for database", "42501"),
        ("does not exist", "3D000"),
        ("too many clients", "53300"),
        ("remaining connection slots", "53300"),
        ("starting up", "57P"),
        ("shutting down", "57P"),
    ):
        if word in said:
            if state in _UNAUTHORISED or (state == "3D000" and "role" in said):
                words, hint = _UNAUTHORISED["28" if state == "3D000" else state]
                return Unauthorised(f"{where} {words}", hint=hint)
            words, hint, wait = _UNAVAILABLE[state]
            return Unavailable(f"{where} {words}", hint=hint, retry_after=wait)
    why = next(
        (text for word, text in _REASONS if word in said), "check the host, the port and that the server accepts it"
    )
    return Unavailable(f"{where} can not be reached", hint=why)


_REASONS = (
    ("Connection refused", "no server listens there: check host and port, and that it runs"),
    ("No such file", "no server listens at that socket: check its folder, and that it runs"),
    ("could not translate host name", "the host's name is unknown: check it"),
    ("failed to resolve host", "the host's name is unknown: check it"),
    ("timeout expired", "no answer in time: check the host and the firewall"),
    ("timed out", "no answer in time: check the host and the firewall"),
    ("server does not support SSL", "the server offers no encryption: switch it on there, or see docs/stores.md"),
    ("certificate", "the server's certificate is not trusted: name its authority with sslrootcert=FILE"),
    ("SSL", "the encrypted connection failed: check sslmode and certificates"),
)
