"""On a terminal a message comes with the line it is about; elsewhere with its place alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pool_as_code.cli import source_lines
from pool_as_code.cli.source_lines import SourceLines
from pool_as_code.core.diagnostics import Diagnostic, Location
from tests.cli.shop import ADA, GROUP, PASSWORD, POOL, PROJECT, Shop

PEOPLE = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
BROKEN = POOL.replace("minLength: 12", "minLength: twelve")


@pytest.fixture
def broken(tmp_path: Path) -> Shop:
    return Shop(tmp_path).write(BROKEN, GROUP)


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("apply", "--yes")])
def test_a_person_sees_the_line_with_a_caret(broken: Shop, command: tuple[str, ...]) -> None:
    lines = broken.pac(*command, environ=PEOPLE).output.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("manifests/all.yaml:6:"))
    assert "error PAC205: " in lines[first]
    assert lines[first + 1] == "     6 |   passwordPolicy: {minLength: twelve}"
    assert lines[first + 2] == "       |                               ^"


def test_a_terminal_is_enough(broken: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "^" not in broken.pac("validate").output
    monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)
    assert "^" in broken.pac("validate").output


def test_json_has_no_lines(broken: Shop) -> None:
    found = json.loads(broken.pac("validate", "--output", "json", environ=PEOPLE).stdout)
    assert "passwordPolicy: {" not in json.dumps(found)


def test_a_secret_in_a_manifest_is_not_shown(tmp_path: Path) -> None:
    for wrong in (
        ADA.replace("{initial: {fromEnv: ADA_PASSWORD}}", PASSWORD),
        ADA.replace("{fromEnv: ADA_PASSWORD}", PASSWORD),
        ADA.replace("password: {initial: {fromEnv: ADA_PASSWORD}}", f"pasword: {PASSWORD}"),
        ADA.replace("password: {initial: {fromEnv: ADA_PASSWORD}}", f"kennwort: {PASSWORD}"),
        ADA.replace("password: {initial: {fromEnv: ADA_PASSWORD}}", f"password:{PASSWORD}"),
        ADA.replace("password: {initial: {fromEnv: ADA_PASSWORD}}", f"password: [{PASSWORD}"),
    ):
        result = Shop(tmp_path).write(POOL, GROUP, wrong).pac("validate", environ=PEOPLE)
        assert result.exit_code == 1
        assert PASSWORD not in result.output


def test_warnings_of_an_apply_have_their_lines(shop: Shop) -> None:
    unused = "environments: {dev: {bindings: {pool/nobody: x}}}\n"
    result = shop.write(POOL, GROUP, project=PROJECT + unused).pac("apply", "--env", "dev", "--yes")
    lines = result.stderr.splitlines()
    at = next(at for at, line in enumerate(lines) if " warning PAC" in line)
    assert lines[at].startswith("pool-as-code.yaml:")
    assert "\\n" not in lines[at]
    assert lines[at + 1] == "  hint: correct the address, or remove the binding"


def about(file: str | Path, code: str = "PAC205", line: int = 1) -> Diagnostic:
    return Diagnostic(code, "wrong", location=Location(str(file), line, 1))


def test_only_the_first_messages_get_their_line(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    pointing = SourceLines()
    assert [bool(pointing(about(file))) for _ in range(30)] == [True] * source_lines.MOST + [False] * 10


def test_files_that_are_no_manifests_are_not_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rows.csv", "id_rsa"):
        (tmp_path / name).write_text("a: 1\n")
        assert SourceLines()(about(tmp_path / name)) == ()
    (tmp_path / "dump.yaml").write_text("a: 1\n")
    assert SourceLines()(about(tmp_path / "dump.yaml", "PAC510")) == ()
    assert SourceLines()(about("<stdin>")) == ()
    assert list(SourceLines()(about(tmp_path / "dump.yaml"))) != []


def test_a_file_that_is_gone_a_pipe_too_large_or_not_text_has_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"a: \xff\n")
    (tmp_path / "large.yaml").write_text("a: 1\n" * 100)
    monkeypatch.setattr(source_lines, "LARGEST", 100)
    for name in ("gone.yaml", "pipe.yaml", "bytes.yaml", "large.yaml"):
        assert list(SourceLines()(about(tmp_path / name))) == []


@pytest.mark.parametrize(
    ("environ", "options", "coloured"),
    [
        ({}, (), True),
        ({"CI": "true"}, (), False),
        ({"TERM": "dumb"}, (), False),
        ({"NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": ""}, (), True),
        ({}, ("--no-color",), False),
        ({"CI": "true", "FORCE_COLOR": "1"}, (), True),
        ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, (), True),
        ({"CI": "true", "FORCE_COLOR": "0"}, (), False),
        ({"CI": "true", "FORCE_COLOR": ""}, (), False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, (), False),
        ({"FORCE_COLOR": "1"}, ("--no-color",), False),
    ],
)
def test_colour_on_a_terminal_follows_one_order_of_rules(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    options: tuple[str, ...],
    coloured: bool,
) -> None:
    monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)
    assert ("\x1b[" in shop.pac("plan", *options, environ=environ).stdout) is coloured


def test_forced_colour_needs_no_terminal(shop: Shop) -> None:
    assert "\x1b[" not in shop.pac("plan").stdout
    assert "\x1b[" in shop.pac("plan", environ={"CLICOLOR_FORCE": "1"}).stdout
