"""A Git repository in a temporary folder, made with Git itself and with no configuration of this machine."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENVIRON = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": f"{what}@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


@dataclass
class Repository:
    """A repository whose work tree is `root`."""

    root: Path

    @classmethod
    def new(cls, root: Path) -> Repository:
        """An empty one, on branch main."""
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root)
        made.git("init", "-q", "-b", "main")
        return made

    def git(self, *arguments: str, input: bytes | None = None) -> str:
        """Run Git here; what it prints, without the line end."""
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(
            command, env={**ENVIRON, "HOME": str(self.root)}, input=input, capture_output=True, check=True
        )
        return done.stdout.decode().rstrip("\n")

    def write(self, files: dict[str, str]) -> Repository:
        """Write files of the work tree."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return self

    def commit(self, files: dict[str, str] | None = None) -> str:
        """Write files, commit everything; the commit's id."""
        self.write(files or {})
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "a commit")
        return self.git("rev-parse", "HEAD")

    def commit_tree(self, entries: list[tuple[str, str, str]]) -> str:
        """A commit of a tree made by hand: (mode, path or name, content); what no honest Git would make."""
        lines = []
        for mode, name, content in entries:
            id = self.git("hash-object", "-w", "--stdin", input=content.encode()) if mode != "160000" else content
            kind = "commit" if mode == "160000" else "blob"
            lines.append(f"{mode} {kind} {id}\t{name}\0")
        tree = self.git("mktree", "-z", "--missing", input="".join(lines).encode())
        return self.git("commit-tree", tree, "-m", "by hand")
