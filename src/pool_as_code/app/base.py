"""The project as it is at a commit: `--base REF`. Git is asked for the files alone, which are written into a folder of our own
and removed afterwards. Nothing is checked out, no hook, filter or program of the repository runs, nothing is fetched.

    rev-parse REF  ->  ls-tree (names, ids)  ->  cat-file --batch (contents)  ->  a folder that only we may enter
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from ..core.diagnostics import Diagnostic
from ..core.errors import InvalidInput
from ..manifest.load import ALLOW_COMMANDS, Loaded, load
from ..manifest.project import FILE_NAME, Environment, Project, read_project
from .request import Request

ENDINGS = (".yaml", ".yml", ".json", ".csv", ".tsv")  # what manifests are made of; nothing else is looked at
MOST_FILES = 100_000
MOST_BYTES = 1024**3  # of all of them
_REF = re.compile(r"[~^@:]")  # where the name of a ref ends and the way from there begins
_SAFE = (
    "--no-replace-objects",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.hooksPath=/dev/null",
)


@dataclass(frozen=True)
class Base:
    """The project at `commit`, which was asked for as `ref`, in the folder `root`. `project` is None where there was none, or
    where its file is wrong: then `problems` say so. `moved_from` is the folder it stood in, where that was another one."""

    ref: str
    commit: str
    root: Path
    project: Project | None = None
    problems: tuple[Diagnostic, ...] = ()
    moved_from: str = ""


@contextmanager
def open_base(root: Path, ref: str, environ: Mapping[str, str], *, id: str = "") -> Iterator[Base]:
    """The project of the folder `root` as it is at a branch, tag or commit; its files are there until the block ends. `id` is
    the project's id now, to find it where it stood in another folder.

    Raises InvalidInput where Git is missing, the folder is in no repository, or the commit is not there."""
    git = _Git(root, environ)
    commit = git.commit(ref)
    below = PurePosixPath(git.line("rev-parse", "--show-prefix"))
    folder = Path(tempfile.mkdtemp(prefix="pool-as-code-"))  # 0700
    try:
        git.write(commit, folder)
        yield _read(Base(ref, commit, folder / below), folder, id)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def loaded_at_base(project: Project, environment: Environment, request: Request) -> Loaded:
    """The manifests as they were, with the variables of this command that were declared then. Commands are neither run nor
    complained about."""
    environ = {**request.environ, ALLOW_COMMANDS: "1"}
    said = {name: text for name, text in request.variables.items() if name in project.variables}
    return load(project=project, environment=environment, cwd=project.root, environ=environ, variables=said)


def _read(base: Base, folder: Path, id: str) -> Base:
    """The base with its project: the one at the same place, else the one with the same id, wherever it stood."""
    places = [base.root / FILE_NAME]
    if not places[0].is_file():
        others = sorted(folder.rglob(FILE_NAME)) if id else []
        places = [path for path in others if id in path.read_text("utf-8", "replace")]
    if len(places) != 1:
        return base
    (path,) = places
    shown = f"{base.ref}:{path.relative_to(folder).as_posix()}"
    moved = "" if path.parent == base.root else path.parent.relative_to(folder).as_posix()
    base = replace(base, root=path.parent, moved_from=moved)
    try:
        return replace(base, project=replace(read_project(path), shown=shown))
    except InvalidInput as error:
        return replace(base, problems=error.diagnostics)


class _Entry(NamedTuple):
    mode: str
    id: str
    path: str


class _Git:
    """Asks the repository of a folder. Variables that would point Git somewhere else are not passed on."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        program = shutil.which("git", path=environ.get("PATH"))
        if program is None:
            raise _wrong("PAC355", "--base needs Git, and there is none", "", "install it, or leave out --base")
        self._command = [program, *_SAFE, "-C", str(root)]
        self._environ = {name: value for name, value in environ.items() if not name.upper().startswith("GIT_")} | {
            "GIT_ALLOW_PROTOCOL": "",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        asked = self.run("rev-parse", "--git-dir")
        if asked.returncode:
            hint = "go to a clone of the repository, or leave out --base"
            raise _wrong("PAC356", f"--base: {root} is in no Git repository that can be read", _said(asked), hint)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [*self._command, *arguments]
        return subprocess.run(command, env=self._environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def line(self, *arguments: str) -> str:
        """The one line that a command prints, empty where it fails."""
        asked = self.run(*arguments)
        return os.fsdecode(asked.stdout).removesuffix("\n") if asked.returncode == 0 else ""

    def commit(self, ref: str) -> str:
        """The id of a commit. A text that Git could take for an option never reaches it."""
        usable = bool(ref) and not ref.startswith("-") and all(" " <= sign != "\x7f" for sign in ref)
        name = _REF.split(ref, maxsplit=1)[0]
        if name.startswith("refs/") and self.run("show-ref", "--verify", "--quiet", "--", name).returncode:
            usable = False  # else refs/heads/refs/... would do as well
        found = self.line("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") if usable else ""
        if found:
            self._refuse_two_meanings(ref)
            return found
        detail, hint = "", "name a branch, a tag or a commit, for example --base main"
        if usable:
            remote = f"origin/{ref}"
            if self.line("rev-parse", "--verify", "--quiet", f"{remote}^{{commit}}"):
                hint = f"did you mean --base {remote}?"
            elif self.line("rev-parse", "--is-shallow-repository") == "true":
                detail = "this clone holds the last commits only"
                name = ref.removeprefix("origin/")
                hint = (
                    f"fetch it: git fetch --depth=1 origin {name}:refs/remotes/origin/{name}; then --base origin/{name}"
                )
            else:
                hint = "fetch it, or name another branch, tag or commit"
        raise _wrong("PAC357", f"--base {ref}: there is no such commit here", detail, hint)

    def _refuse_two_meanings(self, ref: str) -> None:
        """A branch of a pull request may be called `origin/main`, and Git would take it for the base."""
        name = _REF.split(ref, maxsplit=1)[0]
        places = [f"refs/{name}", f"refs/tags/{name}", f"refs/heads/{name}", f"refs/remotes/{name}"]
        listed = self.line("show-ref", "--dereference", "--", name).splitlines() if name else []
        found: dict[str, str] = {}
        for line in listed:  # an annotated tag stands there twice, at last with the ^{} of its commit
            id, _, place = line.partition(" ")
            if place.removesuffix("^{}") in places:
                found[place.removesuffix("^{}")] = id
        if len(set(found.values())) > 1:
            summary = f"--base {ref} has two meanings: {', '.join(found)}"
            full = next(place for place in reversed(places) if place in found)
            hint = f"write it in full: --base {ref.replace(name, full, 1)}"
            raise _wrong("PAC361", summary, "they are different commits", hint)

    def write(self, commit: str, folder: Path) -> None:
        """Write the files that can be manifests, and links that stay inside. Submodules are left out."""
        files: list[_Entry] = []
        links: list[_Entry] = []
        for entry in self._entries(commit):
            if entry.mode == "120000":
                links.append(entry)
            elif entry.mode.startswith("100") and entry.path.lower().endswith(ENDINGS):
                files.append(entry)
        if len(files) + len(links) > MOST_FILES:
            raise _unreadable(commit, f"it has more than {MOST_FILES:,} files that could be manifests")
        with closing(self._contents(commit, [*files, *links])) as contents:
            for entry, content in zip(files, contents, strict=False):
                try:
                    _write(folder / entry.path, content)
                except OSError as error:
                    why = f"{entry.path} can not be written: {error.strerror}"
                    raise _unreadable(commit, why, "make room for temporary files") from error
            for entry, content in zip(
                links, contents, strict=True
            ):  # after all files: nothing is written through a link
                _link(folder, folder / entry.path, os.fsdecode(content))
        _cut_links_out(folder, [folder / entry.path for entry in links])

    def _entries(self, commit: str) -> Iterator[_Entry]:
        asked = self.run("ls-tree", "-r", "-z", "--full-tree", commit)
        if asked.returncode:
            raise _unreadable(commit, _said(asked))
        for line in asked.stdout.split(b"\0"):
            about, tab, path = line.partition(b"\t")
            words = about.decode("ascii", "replace").split()
            name = os.fsdecode(path)
            if tab and len(words) == 3 and _is_plain(name):
                yield _Entry(words[0], words[2], name)

    def _contents(self, commit: str, entries: list[_Entry]) -> Generator[bytes, None, None]:
        """The contents of these files, in their order."""
        with tempfile.TemporaryFile() as asked:
            asked.writelines(f"{entry.id}\n".encode() for entry in entries)
            asked.seek(0)
            with subprocess.Popen(
                [*self._command, "cat-file", "--batch"],
                env=self._environ,
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as process:
                assert process.stdout is not None
                try:
                    left = MOST_BYTES
                    for _ in entries:
                        yield (content := _content(commit, process.stdout, left))
                        left -= len(content)
                finally:
                    process.kill()


def _content(commit: str, output: IO[bytes], left: int) -> bytes:
    """The next file of `cat-file --batch`, of at most `left` bytes."""
    words = output.readline().split()
    if len(words) != 3 or words[1] != b"blob":
        raise _unreadable(commit, "some of its files are not in this clone", "fetch them: git fetch --refetch")
    size = int(words[2])
    if size > left:
        raise _unreadable(commit, f"its files that could be manifests have more than {MOST_BYTES:,} bytes")
    content = output.read(size)
    if len(content) != size or output.read(1) != b"\n":
        raise _unreadable(commit, "Git stopped in the middle of a file")
    return content


def _is_plain(name: str) -> bool:
    """Whether a path of a tree leads to a place below it. Trees can be made by hand."""
    return all(part not in ("", ".", "..") for part in name.split("/")) and "\\" not in name


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _link(folder: Path, path: Path, target: str) -> None:
    if target.startswith("/") or "\0" in target or not target:
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.resolve().is_relative_to(folder.resolve()):
            path.symlink_to(target)
    except (OSError, RuntimeError):
        return  # a link where another link stands already: a tree made by hand


def _cut_links_out(folder: Path, links: list[Path]) -> None:
    """Remove links that lead out of the folder, by themselves or through others."""
    inside = folder.resolve()
    strange = []
    for path in links:
        try:
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                strange.append(path)
        except (OSError, RuntimeError):  # a ring
            strange.append(path)
    for path in strange:
        path.unlink(missing_ok=True)


def _said(asked: subprocess.CompletedProcess[bytes]) -> str:
    """Git's own words."""
    return asked.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")


def _unreadable(commit: str, why: str, hint: str = "") -> InvalidInput:
    return _wrong(
        "PAC358", f"--base: commit {commit[:12]} can not be read", why, hint or "fetch the whole repository first"
    )


def _wrong(code: str, summary: str, detail: str, hint: str) -> InvalidInput:
    return InvalidInput(summary, [Diagnostic(code, summary, detail=detail, hint=hint)])


__all__ = ["Base", "open_base"]
