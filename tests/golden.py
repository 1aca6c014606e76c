"""Compares printed text with golden files, or rewrites them (`--golden`). The fixture is in `conftest.py`."""

import difflib
from dataclasses import dataclass
from pathlib import Path

HOW = "`make golden` rewrites the golden files; review the difference as code."


@dataclass(frozen=True)
class Golden:
    """Compares a text with the file that holds what is expected, byte for byte.

    `folder` is where relative paths start: the folder of the test file. `rewrite` writes instead of comparing.
    """

    folder: Path
    rewrite: bool

    def __call__(self, path: str | Path, text: str) -> None:
        """Raises AssertionError with a unified diff when `text` is not what the golden file at `path` holds."""
        file = self.folder / path
        wanted = text.encode()
        if self.rewrite:
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.is_file() or file.read_bytes() != wanted:
                file.write_bytes(wanted)
            return
        if not file.is_file():
            raise AssertionError(f"there is no golden file {file}. {HOW}")
        if file.read_bytes() != wanted:
            raise AssertionError(f"{difference(file, text)}\n{HOW}")


def difference(file: Path, text: str) -> str:
    """The unified diff from the golden file to the text; a missing last newline is shown as such."""
    before = file.read_bytes().decode(errors="replace").splitlines(keepends=True)
    lines = difflib.unified_diff(before, text.splitlines(keepends=True), f"golden {file}", "what the test printed")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n" for line in lines)
