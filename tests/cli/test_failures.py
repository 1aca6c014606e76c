"""Every way a command can fail: clear words, the right exit code, no traceback and no value."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pool_as_code.app import validating
from pool_as_code.cli.root import root
from pool_as_code.core.diagnostics import Diagnostic, Location
from pool_as_code.core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PartlyApplied,
    PoolAsCodeError,
    Refused,
    Rejected,
    Unauthorised,
    Unavailable,
)
from tests.golden import Golden

SECRET = "correct-horse-battery"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `pac validate` with a use-case that raises this error."""

    def run(error: BaseException, *options: str) -> Result:
        def raise_it(*asked: object) -> None:
            hidden = SECRET  # a local: no traceback may print it
            raise error if hidden else AssertionError

        monkeypatch.setattr(validating, "validate", raise_it)
        return CliRunner().invoke(root, ["validate", *options])

    return run


PROBLEM = Diagnostic(
    "PAC203",
    "unknown field minLenght",
    detail="in passwordPolicy",
    hint="did you mean minLength?",
    location=Location("a.yaml", 3, 5),
)
DISK_FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out.plan")


@pytest.mark.parametrize(
    ("error", "code", "name"),
    [
        (InvalidInput("the manifests have errors", [PROBLEM]), 1, "invalid"),
        (PoolAsCodeError("it can not be done", hint="try this"), 1, "plain"),
        (Refused("the plan is blocked; nothing was written", [PROBLEM]), 4, "refused"),
        (PartlyApplied("3 of 5 changes were applied"), 5, "partly"),
        (NotFound("the pool is gone"), 1, "gone"),
        (Conflict("the identifier is taken"), 1, "taken"),
        (Rejected("the store refuses it"), 1, "rejected"),
        (Unavailable("the store is locked", hint="wait"), 3, "unavailable"),
        (Unauthorised("the token is refused", scope="manage_identity_pools"), 3, "unauthorised"),
        (DISK_FULL, 1, "disk-full"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/etc/shadow"), 1, "permission"),
        (OSError("no number"), 1, "odd-os-error"),
        (RecursionError(), 1, "recursion"),
        (MemoryError(), 1, "memory"),
        (KeyboardInterrupt(), 130, "interrupt"),
        (InvalidInput("\x1b[2J\nowned\u202e", hint="\x07hint"), 1, "hostile"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failure_reads_as_its_golden_text(
    error: BaseException, code: int, name: str, failing: Callable[..., Result], golden: Golden
) -> None:
    result = failing(error)
    assert result.exit_code == code
    assert result.stdout == ""
    golden(f"golden/failure-{name}.txt", result.stderr)


def test_an_unexpected_error_is_one_line_with_the_place_and_without_its_message(failing: Callable[..., Result]) -> None:
    result = failing(ValueError(SECRET))
    assert result.exit_code == 1
    first, hint = result.stderr.splitlines()
    assert first.startswith("error PAC900: internal error: ValueError at ")
    assert hint.startswith("hint: run the same command with --debug")
    assert SECRET not in result.output


def test_debug_shows_the_traceback_without_values(failing: Callable[..., Result]) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as cause:
        error = KeyError(SECRET)
        error.__cause__ = cause
    result = failing(error, "--debug")
    assert result.stderr.count("Traceback (most recent call last):") == 2
    assert "in raise_it" in result.stderr
    assert "KeyError: (message withheld: it may hold values)" in result.stderr
    assert SECRET not in result.output


def test_debug_shows_messages_that_hold_no_values(failing: Callable[..., Result]) -> None:
    assert "AttributeError: no such attribute" in failing(AttributeError("no such attribute"), "--debug").stderr


def test_debug_shows_where_a_refusal_came_from(failing: Callable[..., Result]) -> None:
    result = failing(Refused("stale"), "--debug")
    assert result.exit_code == 4
    assert "Refused: stale" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        (["plna"], "there is no command 'plna'. Did you mean 'plan'?", "pac --help"),
        (["plan", "--nope"], "no such option '--nope'", "pac plan --help"),
        (["plan", "--output", "xml"], "'xml' is not one of", "pac plan --help"),
        (["show"], "missing argument 'PLANFILE'", "pac show --help"),
        (["users", "verfy", "x"], "Did you mean 'verify'?", "pac users --help"),
        (["apply", "--max-deletes", "user"], "expected KIND=N", "for example --max-deletes user=40"),
        (["apply", "--max-deletes", "user=-1"], "expected KIND=N", "for example --max-deletes user=40"),
        (["apply", "--max-deletes", "usr=1"], "there is no kind 'usr'", "did you mean user?"),
    ],
)
def test_wrong_usage_is_an_error_with_a_hint_and_exit_1(arguments: list[str], words: str, hint: str) -> None:
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 1
    error, hinted = result.stderr.strip().splitlines()
    assert error.startswith("error: ")
    assert words in error
    assert hinted == f"hint: {hint}"


def pac(*arguments: str, shell: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """`pac` as its own process; `shell` is what follows it on the command line."""
    command = " ".join([sys.executable, "-m", "pool_as_code.cli", *arguments, shell])
    return subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"], capture_output=True, cwd=cwd, check=False
    )


def test_a_reader_that_goes_away_early_is_no_traceback() -> None:
    run = pac("--help", shell="| true")
    assert b"Traceback" not in run.stderr
    assert b"BrokenPipe" not in run.stderr


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--version",)])
def test_output_on_a_full_disk_is_an_error(arguments: tuple[str, ...]) -> None:
    run = pac(*arguments, shell="> /dev/full")
    assert run.returncode == 1
    assert b"the disk is full" in run.stderr
    assert b"Traceback" not in run.stderr


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--help",), 0), (("nonsense",), 1), (("plan", "-"), 1)])
def test_closed_standard_streams_are_no_traceback(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    run = pac(*arguments, shell="<&- >&- 2>&-", cwd=tmp_path)
    assert run.returncode == code
    assert (run.stdout, run.stderr) == (b"", b"")


def test_output_that_the_terminal_can_not_encode_is_escaped() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pool_as_code.cli", "plän"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert run.returncode == 1
    assert b"pl\\xe4n" in run.stderr


def test_an_interrupt_while_the_modules_are_read_is_no_traceback() -> None:
    program = """
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "pool_as_code.cli.root":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from pool_as_code.cli.__main__ import main
main()
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "\nerror: interrupted\n")
