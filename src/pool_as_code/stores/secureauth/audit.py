"""Records of runs in a folder: for a store that keeps none itself. One file a run, one line a fact, each handed to the operating
system when it is known, so that a killed run leaves what it wrote. Addresses and outcomes only; never a value.

    20261129T154847Z-3ef357f4....ndjson       {"run": ..., "store": ..., "project": ..., ...}     the beginning
                                              {"address": ..., "action": ..., "status": ...}      each change
                                              {"state": ..., "finished_at": ..., "summary": ...}  the end
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from ...core.diagnostics import Diagnostic, Severity
from ...core.errors import InvalidInput
from ...core.values import JsonMap, JsonValue, as_map, canonical, parse_json
from ...resources.live import Owner
from ..base import RunRecord

DIRECTORY = "POOL_AS_CODE_AUDIT_DIR"
_SUFFIX = ".ndjson"


class AuditFolder:
    """Runs of one store in a folder that several stores may share. `store` is what tells them apart. A line that can not be
    written, or read, is told in `problems`: an apply that has begun is not ended for want of its record."""

    def __init__(self, folder: Path, store: str) -> None:
        self._folder = folder
        self._store = store
        self._files: dict[str, Path] = {}
        self._told: dict[str, Diagnostic] = {}

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What could not be written down, or read."""
        return tuple(self._told.values())

    def begin(self, run: RunRecord) -> None:
        """Write a run's beginning, once. Raises InvalidInput where the folder takes no file."""
        if run.id in self._files:
            return
        when = "".join(sign for sign in run.started_at.partition(".")[0] if sign.isalnum())
        path = self._folder / f"{when}-{run.id}{_SUFFIX}"
        head: JsonMap = {
            "run": run.id,
            "store": self._store,
            "project": run.owner.project,
            "environment": run.owner.environment,
            "plan": run.plan_digest,
            "started_at": run.started_at,
            "actor": run.actor,
        }
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _append(path, [head])
        except OSError as error:
            raise InvalidInput(
                "the run can not be recorded; nothing was written", [_unusable(self._folder, error)]
            ) from error
        self._files[run.id] = path

    def changes(self, run_id: str, entries: Iterable[JsonMap]) -> None:
        """Write changes down, in their order."""
        self._add(run_id, entries)

    def end(self, run_id: str, state: str, finished_at: str, summary: JsonMap) -> None:
        """Write a run's end."""
        self._add(run_id, [{"state": state, "finished_at": finished_at, "summary": summary}])

    def runs(self) -> list[RunRecord]:
        """Every run of this store, in no order. One without an end counts as running; who knows better says so."""
        try:
            paths = sorted(path for path in self._folder.iterdir() if path.name.endswith(_SUFFIX))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InvalidInput("the records of runs can not be read", [_unusable(self._folder, error)]) from error
        found: dict[str, RunRecord] = {}
        for path in paths:
            run = self._read(path)
            if run is not None:
                found[run.id] = run
                self._files.setdefault(run.id, path)
        return list(found.values())

    def _add(self, run_id: str, lines: Iterable[JsonMap]) -> None:
        path = self._files.get(run_id)
        if path is None:
            return
        try:
            _append(path, lines)
        except OSError as error:
            self._told[path.name] = replace(
                _unusable(path, error), severity=Severity.WARN, summary=f"the record of run {run_id} is not complete"
            )

    def _read(self, path: Path) -> RunRecord | None:
        try:
            lines = list(_maps(path.read_bytes()))
        except OSError as error:
            self._told[path.name] = replace(_unusable(path, error), severity=Severity.WARN)
            return None
        if not lines or lines[0].get("store") != self._store or not isinstance(lines[0].get("run"), str):
            return None
        head, rest = lines[0], lines[1:]
        end = next((line for line in reversed(rest) if "finished_at" in line), {})
        return RunRecord(
            str(head["run"]),
            Owner(_text(head.get("project")), _text(head.get("environment"))),
            _text(head.get("plan")),
            _text(end.get("state")) or "running",
            _text(head.get("started_at")),
            _text(end.get("finished_at")),
            _text(head.get("actor")),
            as_map(end.get("summary")),
            tuple(line for line in rest if "address" in line),
        )


def audit_folder(store: str, root: Path, given: str) -> AuditFolder | None:
    """The folder that `POOL_AS_CODE_AUDIT_DIR` names, None where it names none. Relative ones begin at `root`."""
    return AuditFolder(root / given, store) if given else None


def _append(path: Path, lines: Iterable[JsonMap]) -> None:
    content = b"".join(canonical(line) + b"\n" for line in lines)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def _maps(content: bytes) -> Iterator[JsonMap]:
    """The lines that are whole: the last one of a run that was killed may be half of one."""
    for line in content.split(b"\n"):
        try:
            found = parse_json(line) if line else None
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _unusable(path: Path, error: OSError) -> Diagnostic:
    return Diagnostic(
        "PAC548",
        f"records of runs can not be kept at {path}",
        detail=error.strerror or type(error).__name__,
        hint=f"name a folder that you may write: --audit-dir or {DIRECTORY}",
    )
