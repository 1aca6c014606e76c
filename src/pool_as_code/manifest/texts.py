"""The bytes of the files that manifests are made of: read once, found again for messages; and the files of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..core.diagnostics import Diagnostic
from ..core.secrets import is_closed
from ..core.yaml.text import MAX_SIZE
from .layers.rows import CSV_ENDINGS, YAML_ENDINGS, Rows, read_rows
from .shown import cut
from .sources import SourceFile, shown_path


class Texts:
    """The bytes of the files that were loaded, read again when they are asked for; what can be read only once is kept."""

    def __init__(self) -> None:
        self._paths: dict[str, Path] = {}
        self._kept: dict[str, bytes] = {}

    def keep(self, name: str, path: Path) -> None:
        """Make a file known that was read by somebody else."""
        self._paths[name] = path

    def file(self, name: str) -> Path | None:
        """Where a file lies, by its name in origins; None for what was read only once."""
        return self._paths.get(name)

    def take(self, file: SourceFile, read_stdin: Callable[[], bytes]) -> bytes:
        """The bytes of a file that is read for the first time, at most one more than a file may have. Raises OSError."""
        if file.path is None:
            content = self._kept[file.name] = read_stdin()
            return content
        with file.path.open("rb") as stream:
            content = stream.read(MAX_SIZE + 1)
        if file.path.is_file():
            self._paths[file.name] = file.path
        else:
            self._kept[file.name] = content  # a pipe
        return content

    def read(self, name: str) -> bytes:
        """The bytes of a file by its name in origins and locations. Raises OSError."""
        return self._kept[name] if name in self._kept else self._paths[name].read_bytes()


class RowFiles:
    """Reads the files of rows that ForEach documents name, each once; only below the project, or below the current folder
    where there is none."""

    def __init__(self, texts: Texts, root: Path | None, cwd: Path) -> None:
        self._texts = texts
        self._root = (root or cwd).resolve()
        self._cwd = cwd
        self._read: dict[tuple[Path, str, str], Rows | Diagnostic] = {}
        self.used: set[Path] = set()

    def read(self, document: str, name: str, delimiter: str, types: Mapping[str, str]) -> Rows | Diagnostic:
        """The rows of a file that a document names, or why there are none."""
        own = self._texts.file(document)
        path = ((own.parent if own is not None else self._cwd) / name).absolute()
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            hint = "correct source.file; it is relative to the document's own file"
            return Diagnostic("PAC150", f"there is no file {cut(name)}", hint=hint)
        if not real.is_relative_to(self._root):
            hint = "copy the file into the project"
            return Diagnostic("PAC156", f"{cut(name)} lies outside of the project", hint=hint)
        if not name.lower().endswith((*CSV_ENDINGS, *YAML_ENDINGS)):
            summary = f"{cut(name)} is no file of rows"
            return Diagnostic("PAC150", summary, hint="name a .csv, .tsv, .yaml, .yml or .json file")
        if real.suffix.lower() not in (*CSV_ENDINGS, *YAML_ENDINGS) or is_closed(real.relative_to(self._root).parts):
            hint = "copy the rows into a file of their own"
            return Diagnostic("PAC156", f"{cut(name)} leads to a file that may hold secrets", hint=hint)
        if not real.is_file():  # a pipe that nobody writes
            return Diagnostic("PAC150", f"{cut(name)} can not be read: it is not a file", hint="name a file of rows")
        self.used.add(real)
        key = (real, delimiter, repr(sorted(types.items())))
        if key not in self._read:
            self._read[key] = self._rows(
                SourceFile(shown_path(path, self._cwd.absolute()), name, real), delimiter, types
            )
        return self._read[key]

    def _rows(self, file: SourceFile, delimiter: str, types: Mapping[str, str]) -> Rows | Diagnostic:
        try:
            content = self._texts.take(file, lambda: b"")
        except OSError as error:
            return Diagnostic("PAC150", f"{file.name} can not be read: {error.strerror or 'an error of the system'}")
        return read_rows(file.name, content, delimiter, types)
