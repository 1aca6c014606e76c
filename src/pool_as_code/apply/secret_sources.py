"""Reading one secret from a file or from the output of a command, so that neither leads anywhere else: no link out of its
folder, however fast it is swapped; no device, pipe or folder; nothing endless; no credentials of the tool for a command."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Timer

from ..core.secrets import LONGEST, is_closed, is_reserved

COMMAND_SECONDS = 30.0


def read_secret_file(bases: tuple[Path, ...], name: str) -> str:
    """The text of the file `name` in the first of these folders that has it. Raises ValueError with a sentence that holds
    nothing of the file."""
    for base in bases:
        try:
            inside = _inside(base, name)
            if inside is not None:
                return _text(_content(base.resolve(), inside), f"the file {name}")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ValueError(f"the file {name} can not be read ({error.strerror or type(error).__name__})") from None
    raise ValueError(f"there is no file {name} below the project or the secrets folder")


def _inside(base: Path, name: str) -> Path | None:
    """Where the file really is, from the folder on, after all links; None when it is outside."""
    try:
        real, folder = (base / name).resolve(), base.resolve()
    except (ValueError, RuntimeError):  # a NUL, a ring of links
        return None
    if not real.is_relative_to(folder) or real == folder:
        return None
    inside = real.relative_to(folder)
    if is_closed(inside.parts):
        raise ValueError(f"the file {name} is in a folder that holds credentials of the tool or of Git")
    return inside


def _content(folder: Path, inside: Path) -> bytes:
    """The bytes of a file whose path has no links. One that turns up meanwhile is not followed: every step is opened from
    the one before. Raises OSError, or ValueError for what is no plain file."""
    if os.open not in os.supports_dir_fd:  # Windows: links need rights there that pipelines do not have
        path = folder / inside
        if not path.is_file():
            raise ValueError(f"{inside} is not a plain file")
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    handles: list[int] = []
    try:
        at = _open(str(folder), os.O_DIRECTORY, None)
        handles.append(at)
        for part in inside.parts[:-1]:
            at = _open(part, os.O_DIRECTORY, at)
            handles.append(at)
        if not stat.S_ISREG(os.stat(inside.name, dir_fd=at, follow_symlinks=False).st_mode):
            raise ValueError(f"{inside} is not a plain file")  # opening a device may do something
        at = _open(inside.name, os.O_NONBLOCK, at)
        handles.append(at)
        if not stat.S_ISREG(os.fstat(at).st_mode):
            raise ValueError(f"{inside} is not a plain file")
        with os.fdopen(os.dup(at), "rb") as file:
            return file.read(LONGEST + 1)
    finally:
        for handle in reversed(handles):
            os.close(handle)


def _open(name: str, flags: int, folder: int | None) -> int:
    return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=folder)


def run_secret_command(command: str, folder: Path, environ: Mapping[str, str]) -> str:
    """What a command prints. It gets no variable of the tool and no input, has half a minute, and ends with all it started.

    Raises ValueError with a sentence that holds nothing of the output."""
    known = {name: value for name, value in environ.items() if not is_reserved(name)}
    process = subprocess.Popen(
        command,
        shell=True,
        cwd=folder,
        env=known,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    late: list[bool] = []

    def too_late() -> None:
        late.append(True)
        _end(process)

    timer = Timer(COMMAND_SECONDS, too_late)
    timer.start()
    try:
        assert process.stdout is not None
        with process.stdout as output:
            content = output.read(LONGEST + 1)
        if len(content) > LONGEST:
            _end(process)
        if os.name == "posix":  # wait without letting go of its number, so that nobody else is ended in its place
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    finally:
        timer.cancel()
        _end(process)
        code = process.wait()
    if late:
        raise ValueError(f"the command took longer than {COMMAND_SECONDS:.0f} s")
    if len(content) <= LONGEST and code != 0:
        raise ValueError(f"the command ended with {code}")
    return _text(content, "the output of the command")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and what it started."""
    if os.name != "posix":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _text(content: bytes, what: str) -> str:
    if len(content) > LONGEST:
        raise ValueError(f"{what} is longer than {LONGEST // 1024} KiB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{what} is not UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise ValueError(f"{what} is empty")
    return text
