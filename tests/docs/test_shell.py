"""The judge of the pages: what it overlooks on purpose, and that it overlooks nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pages import Block, steps
from tests.docs.shell import Shell, pattern, same_place


def test_ids_times_and_the_width_of_columns_are_overlooked() -> None:
    assert pattern(f"Digest {'a' * 64}") == pattern(f"Digest {'0' * 64}")
    assert pattern("a9f963103d20  2026-11-23T13:58:20Z  ok") == pattern("b0ba59b3b7b2 2027-01-01T00:00:00.5Z   ok")
    assert pattern("  + pool/customers") != pattern("    + pool/customers")
    assert pattern("7 to create") != pattern("8 to create")


def test_dots_stand_for_any_lines_and_everything_else_for_itself() -> None:
    printed = ["one", "two", "three"]
    assert same_place(["one", "...", "three"], printed) == ["one", "...", "three"]
    assert same_place(["one", "three"], printed) is None
    assert same_place(["one", "two"], printed) is None
    assert same_place(["...", "two"], printed) is None
    assert same_place([], printed) is None


def test_a_session_is_cut_into_commands_with_their_output() -> None:
    text = "$ cat <<'END'\n> hello\n> END\nhello\n> not typed\n$ true\n"
    first, second = steps(Block(Path("page.md"), "console", text, 0))
    assert first.command == "cat <<'END'\nhello\nEND"
    assert first.shown == ("hello", "> not typed")
    assert (second.command, second.shown) == ("true", ())


def test_the_shell_keeps_folder_variables_and_exit_code_between_commands(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        assert shell.run("cd examples/quickstart && export WORD=kept") == ([], 0)
        assert shell.run('printf %s "$WORD"; false') == (["kept"], 1)
        assert shell.run("echo $?") == (["1"], 0)
        assert shell.run("ls pool-as-code.yaml") == (["pool-as-code.yaml"], 0)
        assert shell.run("cat") == ([], 0)


def test_a_digest_in_a_command_becomes_the_one_that_was_really_printed(tmp_path: Path) -> None:
    with Shell(tmp_path) as shell:
        shell.learn([f"Digest {'a' * 64}"], [f"Digest {'b' * 64}"])
        assert shell.run(f"echo {'a' * 64}") == (["b" * 64], 0)
