"""Runs of a tenant are kept in a folder: written while they happen, read by whoever asks later, and never with a value in them."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pool_as_code.app.asking import history, run_of
from pool_as_code.cli.console import Console
from pool_as_code.cli.options import a_request, variables_again
from pool_as_code.core.errors import InvalidInput, PoolAsCodeError
from pool_as_code.stores.base import RunRecord
from pool_as_code.stores.secureauth.audit import DIRECTORY, AuditFolder, audit_folder
from pool_as_code.stores.secureauth.connection import Lost, Reply
from pool_as_code.stores.secureauth.runs import Runs
from pool_as_code.stores.secureauth.store import SecureAuthStore, open_secureauth
from tests.stores.conformance_ledger import Clock, a_run
from tests.stores.secureauth.fake import Asked
from tests.stores.secureauth.test_end_to_end import ENVIRON, Tenanted, shop

__all__ = ["shop"]
HERE = "https://id.example/shop"


@pytest.fixture
def audited(shop: Tenanted, monkeypatch: pytest.MonkeyPatch) -> Tenanted:
    """A project whose runs are kept in a folder."""
    opened: Callable[..., SecureAuthStore] = shop.open

    def with_folder(url: str, **how: object) -> SecureAuthStore:
        store = opened(url, **how)
        store.ledger.audit = audit_folder(HERE, shop.house.root, "audit")
        return store

    monkeypatch.setattr("tests.stores.secureauth.test_end_to_end.OPENERS", [with_folder])
    return shop


def files(shop: Tenanted) -> list[Path]:
    return sorted((shop.house.root / "audit").iterdir())


def test_a_run_is_written_with_its_changes_and_found_by_another_process(audited: Tenanted) -> None:
    report = audited.house.apply()
    (run,) = history(audited.house.request, audited.house.told.append)
    assert (run.id, run.state) == (report.run_id, "applied")
    one = run_of(audited.house.request, run.id[:8], audited.house.told.append)
    assert [change["address"] for change in one.changes] == [str(outcome.address) for outcome in report.outcomes]
    assert one.summary == {"applied": len(report.outcomes)}
    (path,) = files(audited)
    assert path.name.endswith(f"-{run.id}.ndjson")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_value_is_in_the_record(audited: Tenanted) -> None:
    audited.house.apply()
    text = files(audited)[0].read_text("utf-8")
    assert ENVIRON["ADA_PASSWORD"] not in text
    assert "ada@example.com" not in text
    assert {key for line in text.splitlines()[1:-1] for key in json.loads(line)} == {
        *("address", "action", "status", "reason", "hint", "unguarded")
    }


def test_a_run_that_was_killed_is_interrupted_and_keeps_what_it_did(audited: Tenanted) -> None:
    class Killed(BaseException):
        """As when the process ends."""

    def kill(asked: Asked) -> Reply | None:
        if asked.method == "POST" and asked.path.endswith("/groups"):
            raise Killed
        return None

    audited.tenant.before = kill
    with pytest.raises(Killed):
        audited.house.apply()
    audited.tenant.before = lambda asked: None
    (path,) = files(audited)
    content = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in content if b"finished_at" not in line) + b'{"address": "gro')
    (run,) = history(audited.house.request, audited.house.told.append)
    assert run.state == "interrupted"
    one = run_of(audited.house.request, run.id, audited.house.told.append)
    assert "pool/customers" in {str(change["address"]) for change in one.changes}


def test_a_folder_that_takes_nothing_ends_an_apply_before_its_first_write(audited: Tenanted) -> None:
    (audited.house.root / "audit").write_text("a file")
    with pytest.raises(InvalidInput) as refused:
        audited.house.apply()
    assert [one.code for one in refused.value.diagnostics] == ["PAC548"]
    assert audited.tenant.pools == {}


def test_a_disk_that_is_full_later_does_not_end_an_apply_and_is_told(
    audited: Tenanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pool_as_code.stores.secureauth.audit as audit

    append, written = audit._append, list[Path]()

    def full(path: Path, lines: object) -> None:
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)
        append(path, lines)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "_append", full)
    report = audited.house.apply()
    assert report.state == "applied"
    (told,) = [line for line in audited.house.told if "PAC548" in line]
    assert f"the record of run {report.run_id} is not complete" in told
    assert "  No space left on device" in audited.house.told


def test_runs_of_another_tenant_in_the_same_folder_are_not_shown(tmp_path: Path) -> None:
    ours, theirs = (Runs(Clock(), AuditFolder(tmp_path, store)) for store in (HERE, "https://id.example/other"))
    ours.start_run(a_run("ours"))
    theirs.start_run(a_run("theirs"))
    assert [run.id for run in Runs(Clock(), AuditFolder(tmp_path, HERE)).history()] == ["ours"]


def test_a_later_run_marks_an_earlier_one_that_never_ended(tmp_path: Path) -> None:
    Runs(Clock(), AuditFolder(tmp_path, HERE)).start_run(a_run("first"))
    Runs(Clock(), AuditFolder(tmp_path, HERE)).start_run(replace(a_run("second"), started_at="2026-02-01T00:00:00Z"))
    found: dict[str, RunRecord] = {run.id: run for run in AuditFolder(tmp_path, HERE).runs()}
    assert found["first"].state == "interrupted"
    assert found["second"].state == "running"


def test_what_else_lies_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "other.ndjson").write_bytes(b"\xff\x00 no json\n[1]\n")
    (tmp_path / "empty.ndjson").write_bytes(b"")
    folder = AuditFolder(tmp_path, HERE)
    assert folder.runs() == []
    assert folder.problems == ()


def test_lost_answers_are_in_the_record(audited: Tenanted) -> None:
    def lose(asked: Asked) -> Reply | None:
        if asked.method == "POST" and asked.path.endswith("/groups"):
            raise Lost("the answer was dropped")
        return None

    audited.tenant.before = lose
    with suppress(PoolAsCodeError):
        audited.house.apply()
    lines = [json.loads(line) for line in files(audited)[0].read_text("utf-8").splitlines()]
    assert {"unknown", "failed"} & {line.get("status") for line in lines}


def test_the_variable_names_a_folder_and_records_name_the_tenant(tmp_path: Path) -> None:
    given = {"POOL_AS_CODE_CLIENT_ID": "c", "POOL_AS_CODE_CLIENT_SECRET": "s", DIRECTORY: "kept"}
    store = open_secureauth("secureauth+http://localhost/acme", read_only=False, root=tmp_path, environ=given)
    store.ledger.remember(a_run("r1"))
    (path,) = (tmp_path / "kept").iterdir()
    assert json.loads(path.read_bytes().splitlines()[0])["store"] == "http://localhost/acme"
    store.close()


def test_the_option_is_the_variable_of_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    console = Console()
    console.audit_dir = "kept"
    assert a_request(console).environ[DIRECTORY] == str(tmp_path / "kept")
    assert variables_again(console) == ["--audit-dir", "kept"]
