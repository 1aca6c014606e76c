"""The next command is put together whole: nothing that is needed is missing, nothing stands twice."""

from __future__ import annotations

from pool_as_code.cli.next_step import lifted


def test_options_that_the_command_has_are_not_repeated() -> None:
    command = "pac apply --prune --confirm pool/a --max-deletes pool=1"
    ways = ["pac apply --prune --confirm pool/a", "--max-deletes pool=1", "repeat with --confirm pool/b"]
    assert lifted(command, ways) == f"{command} --confirm pool/b"


def test_an_option_for_a_longer_name_does_not_stand_for_a_shorter_one() -> None:
    command = "pac apply --prune --confirm pool/tansy-and-co"
    assert lifted(command, ["pac apply --confirm pool/tansy"]) == f"{command} --confirm pool/tansy"


def test_a_way_on_that_is_no_option_leaves_nothing_to_lift() -> None:
    assert lifted("pac apply", ["--allow left-out", "declare it elsewhere"]) == ""
