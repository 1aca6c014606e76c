"""A shell that the consoles of a page are typed into, and what becomes of things that differ from run to run."""

from __future__ import annotations

import getpass
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests.docs.pages import ROOT
from tests.repository import ENVIRON as GIT

_CHANGING = re.compile(
    r"(?P<digest>\b[0-9a-f]{64}\b)"
    r"|(?P<run>\b[0-9a-f]{32}\b)"
    r"|(?P<begun>\b[0-9a-f]{12}\b)"
    r"|(?P<time>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)"
)
NOBODY = "you@host"
ANY_LINES = "..."


@dataclass
class Shell:
    """`sh` in a copy of the examples. `known` maps what a page shows of a digest or run to what was really printed."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Shell:
        shutil.copytree(ROOT / "examples", self.folder / "examples", ignore=shutil.ignore_patterns(".pool-as-code"))
        environ = {
            **GIT,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "PYTHONPATH": str(ROOT / "src"),
        }
        self._process = subprocess.Popen(
            ["sh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=environ,
            encoding="utf-8",
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate("exit\n", timeout=60)

    def run(self, command: str) -> tuple[list[str], int]:
        """What a command prints on both streams, in the order it comes, and how it ends. `$?` outlives the call."""
        for shown, real in self.known.items():
            command = command.replace(shown, real)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        mark = f"end-{secrets.token_hex(8)}"
        self._process.stdin.write(
            f"(exit ${{last:-0}})\n{{ {command}\n}} </dev/null\nlast=$?\nprintf '\\n{mark} %s\\n' \"$last\"\n"
        )
        self._process.stdin.flush()
        printed: list[str] = []
        for line in self._process.stdout:
            if line.startswith(mark):
                text = "".join(printed).removesuffix("\n")  # the line end of the mark
                return self._usual(text).splitlines(), int(line.split()[1])
            printed.append(line)
        raise AssertionError(f"the shell ended during: {command}\n{''.join(printed)}")

    def save(self, file: str, text: str) -> None:
        """What a reader does who saves a block as a file."""
        mark = f"end-{secrets.token_hex(8)}"
        parent = file.rpartition("/")[0] or "."
        _, code = self.run(f"mkdir -p {parent} && cat > {file} <<'{mark}'\n{text}{mark}")
        assert code == 0, file

    def _usual(self, text: str) -> str:
        """Without what names this machine and its user."""
        try:
            me = f"{getpass.getuser()}@{socket.gethostname()}"
        except (OSError, KeyError):
            me = f"uid {os.getuid()}"
        return text.replace(me, NOBODY).replace(str(self.folder), "~")

    def learn(self, shown: Sequence[str], printed: Sequence[str]) -> None:
        """Remember which real digest and run stands for the one that the page shows."""
        for left, right in zip(shown, printed, strict=True):
            pairs = zip(_CHANGING.finditer(left), _CHANGING.finditer(right), strict=True)
            self.known.update({old[0]: new[0] for old, new in pairs if old.lastgroup != "time"})


def pattern(line: str) -> str:
    """A line without what differs from run to run, and with single spaces inside: columns are as wide as their contents."""
    masked = _CHANGING.sub(lambda match: f"<{match.lastgroup}>", line.rstrip())
    indent = len(masked) - len(masked.lstrip(" "))
    return " " * indent + re.sub(r" {2,}", " ", masked.lstrip(" "))


def same_place(shown: Sequence[str], printed: Sequence[str]) -> list[str] | None:
    """The printed lines that the shown ones stand for, one for each but those left out by `...`; None when they differ."""
    if not shown:
        return [] if not printed else None
    if shown[0] == ANY_LINES:
        for skipped in range(len(printed) + 1):
            rest = same_place(shown[1:], printed[skipped:])
            if rest is not None:
                return [ANY_LINES, *rest]
        return None
    if not printed or pattern(shown[0]) != pattern(printed[0]):
        return None
    rest = same_place(shown[1:], printed[1:])
    return None if rest is None else [printed[0], *rest]
