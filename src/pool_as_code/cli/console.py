"""The three standard streams as commands use them: the product on standard output, talk on standard error, answers from
standard input. A reader who goes away early (`| head`) never stops a command in the middle of its work."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from ..core.progress import listening
from ..render.escape import escape
from ..render.palette import Palette
from .progress import ProgressLine


class Console:
    """What one command writes and asks. `debug` asks for tracebacks of internal errors."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.debug = False
        self.no_color = False
        self.if_interrupted = ""
        self.variables: dict[str, str] = {}  # of --var
        self.base = ""  # of --base
        self.audit_dir = ""  # of --audit-dir
        self._stdin, self._out, self._talk = sys.stdin, sys.stdout, sys.stderr
        self._progress = ProgressLine(self._draw)
        self._lost: OSError | None = None
        for stream in (self._out, self._talk):
            if isinstance(
                stream, io.TextIOWrapper
            ):  # a character that the terminal has no byte for is no reason to stop
                stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> None:
        """The product. `text` is harmless already: it comes from a renderer."""
        self._progress.erase()
        if self._out is None or self._lost is not None:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except OSError as error:
            self._lost = error
            _point_nowhere(self._out)

    def talk(self, text: str) -> None:
        """Harmless text on standard error; nobody listening is no error."""
        self._progress.erase()
        self._draw(text)

    def _draw(self, text: str) -> None:
        try:
            if self._talk is not None:
                self._talk.write(text)
                self._talk.flush()
        except OSError:
            _point_nowhere(self._talk)

    @contextmanager
    def working(self) -> Iterator[None]:
        """While this lasts, long work shows how far it is: on a terminal, not in CI. Independent of colour."""
        if not _is_terminal(self._talk) or self.environ.get("CI") or self.environ.get("TERM") == "dumb":
            yield
            return
        try:
            with listening(self._progress):
                yield
        finally:
            self._progress.erase()

    def tell(self, line: str) -> None:
        """One line of talk, made harmless."""
        self.talk(escape(line) + "\n")

    def point_nowhere(self) -> None:
        """Nobody reads the product any more."""
        _point_nowhere(self._out)

    def output_lost(self) -> OSError | None:
        """Why the product did not get out whole; None when it did, or when its reader just went away."""
        return None if isinstance(self._lost, BrokenPipeError) else self._lost

    @property
    def palette(self) -> Palette:
        """Colours for standard output: on a terminal that wants them."""
        return Palette(self._colourful(self._out))

    @property
    def talk_palette(self) -> Palette:
        """Colours for standard error."""
        return Palette(self._colourful(self._talk))

    def _colourful(self, stream: IO[str] | None) -> bool:
        if self.no_color or self.environ.get("NO_COLOR"):
            return False
        return self._forced or (
            not self.environ.get("CI") and self.environ.get("TERM") != "dumb" and _is_terminal(stream)
        )

    @property
    def _forced(self) -> bool:
        return any(self.environ.get(name) not in (None, "", "0", "false") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))

    @property
    def people_read(self) -> bool:
        """Whether standard output is in front of a person: a terminal, or colour is forced."""
        return self._forced or _is_terminal(self._out)

    @property
    def people_listen(self) -> bool:
        """The same of standard error."""
        return self._forced or _is_terminal(self._talk)

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer."""
        return _is_terminal(self._stdin) and _is_terminal(self._out)

    def confirm(self, question: str) -> bool:
        """`yes` typed in full; anything else, and the end of input, is a no."""
        self.talk(f"{question} [yes/no] ")
        answer = self._stdin.readline() if self._stdin is not None else ""
        if not answer.endswith("\n"):
            self.talk("\n")
        return answer.strip().lower() in ("yes", "y")

    def read_stdin(self) -> bytes:
        """All of standard input, as bytes."""
        if self._stdin is None:
            return b""
        return self._stdin.buffer.read()

    def read_secret(self, prompt: str) -> str:
        """One line without its end: hidden while it is typed on a terminal, else the first line of standard input."""
        if _is_terminal(self._stdin):
            from getpass import getpass

            return getpass(prompt, stream=self._talk)
        return self.read_stdin().decode("utf-8", "surrogateescape").partition("\n")[0].removesuffix("\r")


def _is_terminal(stream: IO[str] | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _point_nowhere(stream: IO[str] | None) -> None:
    """Let the interpreter flush what is left at its end without another error."""
    try:
        if stream is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
    except (OSError, ValueError):
        pass
