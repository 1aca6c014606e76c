"""Secrets come out of their folder and nowhere else, whatever a manifest, a link or a saved plan names."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pool_as_code.apply import secret_sources
from pool_as_code.apply.secrets import Sources
from pool_as_code.core.secrets import LONGEST, SecretRef

OUTSIDE = "not-for-a-manifest"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder, with something worth stealing beside it."""
    (tmp_path / "outside.txt").write_text(OUTSIDE)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "key").write_text(OUTSIDE)
    root = tmp_path / "project"
    (root / "secrets").mkdir(parents=True)
    (root / "secrets" / "ada").write_text("hunter2\n")
    return root


def read(root: Path, name: str, secrets_dir: Path | None = None) -> str:
    return Sources({}, root, secrets_dir).resolve(SecretRef("fromFile", name)).reveal()


def test_a_file_of_the_project_is_read_without_its_line_end(project: Path) -> None:
    assert read(project, "secrets/ada") == "hunter2"
    assert read(project, "./secrets/../secrets//ada") == "hunter2"


def test_a_link_inside_the_project_is_followed(project: Path) -> None:
    (project / "link").symlink_to("secrets")
    (project / "file").symlink_to("link/ada")
    assert read(project, "link/ada") == "hunter2"
    assert read(project, "file") == "hunter2"


def test_the_secrets_folder_is_read_where_the_project_has_no_such_file(project: Path) -> None:
    assert read(project, "key", project.parent / "outside") == OUTSIDE


def a_link_out(root: Path) -> str:
    (root / "link").symlink_to("../outside.txt")
    return "link"


def a_folder_that_links_out(root: Path) -> str:
    (root / "folder").symlink_to(root.parent / "outside")
    return "folder/key"


def two_links(root: Path) -> str:
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("../outside.txt")
    return "one"


def a_ring(root: Path) -> str:
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("one")
    return "one"


def a_pipe(root: Path) -> str:
    os.mkfifo(root / "pipe")
    return "pipe"


def a_socket(root: Path) -> str:
    here = Path.cwd()
    os.chdir(root)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    os.chdir(here)
    return "socket"


def a_device(root: Path) -> str:
    (root / "device").symlink_to("/dev/zero")
    return "device"


def its_own_environment(root: Path) -> str:
    (root / "environ").symlink_to("/proc/self/environ")
    return "environ"


def too_long(root: Path) -> str:
    (root / "long").write_bytes(b"a" * (LONGEST + 1))
    return "long"


def no_text(root: Path) -> str:
    (root / "binary").write_bytes(b"\xff\xfe")
    return "binary"


def empty(root: Path) -> str:
    (root / "empty").write_text("\n")
    return "empty"


def forbidden(root: Path) -> str:
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[http] extraheader = token")
    return ".git/config"


def forbidden_by_a_link(root: Path) -> str:
    forbidden(root)
    (root / "harmless").symlink_to(".git")
    return "harmless/config"


def a_key(root: Path) -> str:
    (root / ".pool-as-code").mkdir()
    (root / ".pool-as-code" / "directory.key").write_text("key")
    return "./.pool-as-code/directory.key"


ESCAPES: dict[str, str | Callable[[Path], str]] = {
    "..": "../outside.txt",
    ".. in the middle": "secrets/../../outside.txt",
    "absolute": "/etc/hostname",
    "home": "~/.netrc",
    "a NUL": "secrets/ada\x00",
    "nothing": "",
    "the project itself": ".",
    "a folder": "secrets",
    "a file as a folder": "secrets/ada/x",
    "not there": "secrets/bob",
    **{
        made.__name__.replace("_", " "): made
        for made in (
            a_link_out,
            a_folder_that_links_out,
            two_links,
            a_ring,
            a_pipe,
            a_socket,
            a_device,
            its_own_environment,
            too_long,
            no_text,
            empty,
            forbidden,
            forbidden_by_a_link,
            a_key,
        )
    },
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_nothing_else_is_read(escape: str | Callable[[Path], str], project: Path) -> None:
    name = escape if isinstance(escape, str) else escape(project)
    with pytest.raises(ValueError, match=r"file|folder") as refused:
        read(project, name)
    assert OUTSIDE not in str(refused.value)
    assert "token" not in str(refused.value)


def test_a_link_that_is_swapped_in_between_is_not_followed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment between looking where a path leads and opening it belongs to the attacker."""
    inside = secret_sources._inside

    def and_then_swapped(base: Path, name: str) -> Path | None:
        found = inside(base, name)
        if (project / "secrets").is_dir() and not (project / "secrets").is_symlink():
            (project / "secrets").rename(project / "before")
            (project / "secrets").symlink_to(project.parent / "outside")
        return found

    (project.parent / "outside" / "ada").write_text(OUTSIDE)
    monkeypatch.setattr(secret_sources, "_inside", and_then_swapped)
    with pytest.raises(ValueError, match="can not be read"):
        read(project, "secrets/ada")


def test_a_file_that_becomes_a_link_in_between_is_not_followed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = secret_sources._inside

    def and_then_swapped(base: Path, name: str) -> Path | None:
        found = inside(base, name)
        (project / "secrets" / "ada").unlink(missing_ok=True)
        (project / "secrets" / "ada").symlink_to(project.parent / "outside.txt")
        return found

    monkeypatch.setattr(secret_sources, "_inside", and_then_swapped)
    with pytest.raises(ValueError, match="plain file"):
        read(project, "secrets/ada")


def test_no_handle_is_left_open(project: Path) -> None:
    before = open_handles()
    for name in ("secrets/ada", "secrets", "../outside.txt"):
        try:
            read(project, name)
        except ValueError:
            continue
    assert open_handles() == before


def open_handles() -> list[int]:
    found = []
    for handle in range(256):
        try:
            os.fstat(handle)
        except OSError:
            continue
        found.append(handle)
    return found


@pytest.mark.parametrize(
    "name", ["POOL_AS_CODE_CLIENT_SECRET", "pool_as_code_client_secret", "Pool_As_Code_DIRECTORY_KEY"]
)
def test_variables_of_the_tool_are_nobodys_secret(name: str, project: Path) -> None:
    with pytest.raises(ValueError, match="the tool's own settings"):
        Sources({name: OUTSIDE}, project).resolve(SecretRef("fromEnv", name))


def command(text: str, project: Path, *, allowed: bool = True, **environ: str) -> str:
    known = {"PATH": os.environ["PATH"], **environ}
    return Sources(known, project, None, allowed).resolve(SecretRef("fromCommand", text)).reveal()


def test_a_command_runs_only_where_it_is_switched_on(project: Path) -> None:
    with pytest.raises(ValueError, match="switched off"):
        command("touch ran; echo hunter2", project, allowed=False)
    assert not (project / "ran").exists()
    assert command("echo hunter2", project) == "hunter2"


def test_a_command_gets_no_credentials_of_the_tool_and_no_input(project: Path) -> None:
    text = 'printf "%s|" "$POOL_AS_CODE_CLIENT_SECRET" "$pool_as_code_x" "$VAULT"; cat'
    found = command(text, project, POOL_AS_CODE_CLIENT_SECRET=OUTSIDE, pool_as_code_x=OUTSIDE, VAULT="v")
    assert found == "||v|"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exit 7", "ended with 7"),
        ("true", "is empty"),
        ("yes", "longer than 64 KiB"),
        ("printf '\\377'", "not UTF-8"),
        ("echo hunter2; exit 1", "ended with 1"),
        ("kill -9 $$", "ended with -9"),
    ],
)
def test_a_command_that_gives_no_secret_says_why_and_not_what(text: str, why: str, project: Path) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        command(text, project)
    assert "hunter2" not in str(refused.value)


def test_a_command_that_takes_too_long_ends_with_all_that_it_started(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_sources, "COMMAND_SECONDS", 0.2)
    with pytest.raises(ValueError, match="took longer than"):
        command("sleep 600 & echo $! > child; sleep 600", project)
    assert_gone(int((project / "child").read_text()))


def test_what_a_command_leaves_behind_ends_with_it(project: Path) -> None:
    assert command("sleep 600 > /dev/null 2>&1 & echo $!", project).isdigit()
    assert_gone(int(command("sleep 601 > /dev/null 2>&1 & echo $!", project)))


def assert_gone(process: int) -> None:
    """A killed process may stay a zombie until whoever inherited it looks."""
    waiting = threading.Event()
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        if "Z" in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[:1]:
            return
        waiting.wait(0.05)
    raise AssertionError("it still runs")
