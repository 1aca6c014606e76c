"""The lines that messages are about, read from their files again when they are shown: a failure carries places, not texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.diagnostics import Diagnostic
from ..render.pointing import pointed_line

MOST = 20  # messages that get their line; more scroll away
LARGEST = 8 << 20  # bytes of a file that is read for this
ENDINGS = (".yaml", ".yml", ".json")  # manifests; rows and dumps may hold anything
_DUMPS = range(500, 600)


class SourceLines:
    """Called with a diagnostic: its line with a caret, for the first ones. Whatever hinders that is no reason to complain."""

    def __init__(self) -> None:
        self._left = MOST
        self._texts: dict[str, str] = {}

    def __call__(self, diagnostic: Diagnostic) -> Sequence[str]:
        at = diagnostic.location
        if at is None or not at.line or not self._left or not at.file.endswith(ENDINGS) or _of_a_dump(diagnostic.code):
            return ()
        text = self._text(at.file)
        lines = pointed_line(text, at.line, at.column, diagnostic.code) if text else []
        self._left -= bool(lines)
        return lines

    def _text(self, file: str) -> str:
        if file not in self._texts:
            self._texts = {file: _read(Path(file))}  # messages come file by file
        return self._texts[file]


def _of_a_dump(code: str) -> bool:
    return code[3:].isdigit() and int(code[3:]) in _DUMPS


def _read(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return ""
        return path.read_bytes().decode("utf-8")
    except (OSError, ValueError):
        return ""
