"""How a command that failed says so: diagnostics, one `error:` line, a `hint:`, the exit code. The one place where exceptions end."""

from __future__ import annotations

import errno
import sys
import traceback

import click

from ..core.errors import PoolAsCodeError, Unauthorised
from ..render.escape import escape, escape_lines
from .console import Console
from .ending import Terminated

INTERRUPTED, TERMINATED = 130, 143

# Messages of these name no values that could be secret; of others only the type is told.
_HARMLESS = (
    PoolAsCodeError,
    OSError,
    AttributeError,
    NameError,
    ImportError,
    TypeError,
    RecursionError,
    MemoryError,
    NotImplementedError,
)
_WORDS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "make room and run the same command again"),
    errno.EDQUOT: ("the disk quota is used up", "make room and run the same command again"),
    errno.EACCES: ("permission denied", "check who owns it and its mode"),
    errno.EPERM: ("permission denied", "check who owns it and its mode"),
    errno.EROFS: ("the file system is read-only", "choose another place"),
    errno.ENOENT: ("there is no such file or folder", "check the path"),
    errno.ENOTDIR: ("a part of the path is not a folder", "check the path"),
    errno.EISDIR: ("it is a folder", "name a file"),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EMFILE: ("too many open files", "raise the limit (ulimit -n)"),
}


def say_failure(error: BaseException, console: Console) -> int:
    """Tell what went wrong on standard error; returns the exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "pac"
            _error(console, _sentence(error.format_message()), f"{command} --help")
            return 1
        case click.ClickException():
            _error(console, _sentence(error.format_message()))
            return 1
        case KeyboardInterrupt() | click.Abort():
            console.talk("\n")
            _error(console, "interrupted", console.if_interrupted)
            return TERMINATED if isinstance(error, Terminated) else INTERRUPTED
        case PoolAsCodeError():
            return _refusal(error, console)
        case RecursionError():
            _error(console, "something is nested too deeply", "make the manifests flatter", error)
        case MemoryError():
            _error(console, "out of memory", "free some, or split the manifests", error)
        case BrokenPipeError():  # whoever read our output went away while click wrote it
            console.point_nowhere()
            return 1
        case OSError():
            _error(console, *_operating_system(error), error)
        case Exception():
            _internal(error, console)
        case _:
            raise error
    if console.debug:
        console.talk(_traceback(error))
    return 1


def _refusal(error: PoolAsCodeError, console: Console) -> int:
    from ..render.diagnostics import diagnostics_text, no_pointing
    from .source_lines import SourceLines

    if error.diagnostics:
        pointing = SourceLines() if console.people_listen else no_pointing
        console.talk(diagnostics_text(error.diagnostics, pointing, console.talk_palette))
    hint = error.hint
    if isinstance(error, Unauthorised) and error.scope and not hint:
        hint = f"it needs the scope {error.scope}"
    said = any(item.summary == error.message for item in error.diagnostics)
    if not said or (hint and all(hint != item.hint for item in error.diagnostics)):
        _error(console, error.message, hint)
    if console.debug:
        console.talk(_traceback(error))
    return error.exit_code


def _error(console: Console, message: str, hint: str = "", cause: BaseException | None = None) -> None:
    palette = console.talk_palette
    console.talk(f"{palette.paint('risk', 'error:')} {escape(message)}\n")
    if hint:
        console.talk(f"{palette.paint('strong', 'hint:')} {escape(hint)}\n")
    if cause is not None and not console.debug:
        console.talk("      --debug shows where\n")


def _sentence(message: str) -> str:
    message = " ".join(message.split())  # click writes choices one a line
    return message[:1].lower() + message[1:].rstrip(".") if message else "wrong usage"


def _operating_system(error: OSError) -> tuple[str, str]:
    words, hint = _WORDS.get(error.errno or 0, (error.strerror or type(error).__name__, ""))
    where = error.filename if isinstance(error.filename, str) else ""
    return f"{where}: {words}" if where else words, hint


def _internal(error: Exception, console: Console) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "pool_as_code" in frame.filename] or list(frames)
    place = f" at {ours[-1].filename.rpartition('pool_as_code/')[2]}:{ours[-1].lineno}" if ours else ""
    console.talk(f"error PAC900: internal error: {type(error).__name__}{place}; this is a fault of pool-as-code\n")
    console.talk("hint: run the same command with --debug and report what it prints; it shows no values\n")


def _traceback(error: BaseException) -> str:
    """Files, lines and types; no locals, and messages only where they can not hold a value."""
    lines: list[str] = []
    seen: set[int] = set()
    here: BaseException | None = error
    while here is not None and id(here) not in seen:
        seen.add(id(here))
        frames = traceback.format_list(traceback.extract_tb(here.__traceback__))
        message = str(here) if isinstance(here, _HARMLESS) else "(message withheld: it may hold values)"
        lines = ["Traceback (most recent call last):\n", *frames, f"{type(here).__name__}: {message}\n", *lines]
        here = here.__cause__ or (None if here.__suppress_context__ else here.__context__)
    version = ".".join(map(str, sys.version_info[:3]))
    return escape_lines("".join(lines)) + f"Python {version} on {sys.platform}\n"
