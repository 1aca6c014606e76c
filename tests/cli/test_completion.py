"""Completion: the scripts in a real bash, and what `pac` answers to the scripts of all three shells."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pool_as_code.cli.root import COMMANDS
from tests.cli.shop import ADA, GROUP, POOL, PROJECT, Shop

BIN = Path(sys.executable).parent
ENVIRONMENTS = PROJECT + "environments: {dev: {store: 'memory:'}, prod: {store: 'memory:'}}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path).write(POOL, GROUP, ADA, project=ENVIRONMENTS)


def typed_in_bash(shop: Shop, *words: str) -> list[str]:
    """What a real bash offers for the last of these words, after it has read our script."""
    script = shop.root / "pac.bash"
    script.write_text(shop.pac("completion", "bash").stdout)
    ask = 'source pac.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pac_completion "$1"; printf "%s\\n" "${COMPREPLY[@]}"'
    environ = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(shop.root), "LANG": "C.UTF-8"}
    command = ["bash", "--norc", "--noprofile", "-c", ask, "bash", *words]
    done = subprocess.run(command, cwd=shop.root, env=environ, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def answered(shop: Shop, shell: str, words: list[str], last: str) -> list[str]:
    """What `pac` answers to the script of zsh or fish: its lines."""
    asked = {"_PAC_COMPLETE": f"{shell}_complete", "COMP_WORDS": " ".join(["pac", *words, last])}
    asked["COMP_CWORD"] = str(len(words) + 1) if shell == "zsh" else last
    result = shop.pac(environ=asked)
    assert result.exit_code == 0
    return result.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["pac", "pl"], ["plan"]),
        (["pool-as-code", "val"], ["validate"]),
        (["pac", "users", ""], ["verify"]),
        (["pac", "plan", "--env", ""], ["dev", "prod"]),
        (["pac", "plan", "--target", "u"], ["user/customers/ada"]),
        (["pac", "apply", "--confirm", ""], ["pool/customers"]),
        (["pac", "apply", "--max-deletes", "po"], ["pool="]),
        (["pac", "plan", "--allow", "rev"], ["reverts-live-change"]),
        (["pac", "pull", "group"], ["group/customers/support"]),
        (["pac", "users", "verify", "cus"], ["customers/ada"]),
        (["pac", "schema", "Id"], ["IdentityPool"]),
        (["pac", "completion", "z"], ["zsh"]),
        (["pac", "ids", "--output", "j"], ["json"]),
        (["pac", "there-is-no-such-command", "x"], []),
    ],
    ids=" ".join,
)
def test_bash_completes(shop: Shop, words: list[str], offered: list[str]) -> None:
    assert typed_in_bash(shop, *words) == offered


def test_bash_registers_both_names(shop: Shop) -> None:
    script = shop.root / "pac.bash"
    script.write_text(shop.pac("completion", "bash").stdout)
    command = ["bash", "--norc", "-c", "source pac.bash; complete -p pac pool-as-code"]
    done = subprocess.run(command, cwd=shop.root, capture_output=True, text=True, check=True)
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["pac", "pool-as-code"]


def test_all_commands_are_offered_in_the_order_of_the_help(shop: Shop) -> None:
    assert typed_in_bash(shop, "pac", "") == [command.name for command in COMMANDS]


def test_a_broken_project_file_offers_nothing_and_says_nothing(shop: Shop) -> None:
    (shop.root / "pool-as-code.yaml").write_text("kind: [")
    assert typed_in_bash(shop, "pac", "plan", "--env", "") == []
    assert typed_in_bash(shop, "pac", "plan", "--target", "") == []


def test_a_broken_manifest_offers_the_addresses_of_the_others(shop: Shop) -> None:
    (shop.root / "manifests" / "broken.yaml").write_text("kind: [")
    assert typed_in_bash(shop, "pac", "plan", "--target", "pool") == ["pool/customers"]


def test_addresses_with_placeholders_are_not_offered(shop: Shop) -> None:
    (shop.root / "manifests" / "more.yaml").write_text(GROUP.replace("support", '"${row.team}"'))
    assert typed_in_bash(shop, "pac", "plan", "--target", "group") == ["group/customers/support"]


def test_zsh_gets_words_with_what_they_mean(shop: Shop) -> None:
    lines = answered(shop, "zsh", [], "dest")
    assert lines == ["plain", "destroy", "Delete what this project created."]
    assert answered(shop, "zsh", ["plan", "--env"], "p") == ["plain", "prod", "_"]


def test_fish_gets_words_with_what_they_mean(shop: Shop) -> None:
    assert [line.expandtabs(1) for line in answered(shop, "fish", [], "dest")] == [
        "plain,destroy Delete what this project created."
    ]
    assert answered(shop, "fish", ["plan", "--env"], "p") == ["plain,prod"]


def test_the_script_of_zsh_registers_both_names_with_compdef(shop: Shop) -> None:
    script = shop.pac("completion", "zsh").stdout
    assert script.startswith("#compdef pac pool-as-code\n")
    assert "compdef _pac_completion pac pool-as-code\n" in script
    assert "_PAC_COMPLETE=zsh_complete pac" in script


def test_the_script_of_fish_registers_both_names_with_complete(shop: Shop) -> None:
    script = shop.pac("completion", "fish").stdout
    for name in ("pac", "pool-as-code"):
        assert f'complete --no-files --command {name} --arguments "(_pac_completion)";' in script
    assert "_PAC_COMPLETE=fish_complete" in script


def test_another_shell_is_refused_with_the_ones_there_are(shop: Shop) -> None:
    refused = shop.pac("completion", "tcsh")
    assert refused.exit_code == 1
    assert "bash" in refused.stderr


def test_a_shell_that_is_not_named_is_asked_for_in_one_line(shop: Shop) -> None:
    asked = shop.pac("completion")
    assert asked.exit_code == 1
    assert asked.stderr.splitlines()[0].endswith("Choose from: bash, zsh, fish")
