"""`pac explain` and `pac schema`: what they print, as text and for programs, and how they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pool_as_code.manifest.jsonschema import schema_files
from tests.cli.shop import Shop
from tests.golden import Golden


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("field", ["pool.passwordPolicy.minLength"]),
        ("section", ["User.identifiers"]),
        ("kind", ["Group"]),
        ("message-and-finding", ["PAC203", "reverts-live-change"]),
        ("rule", ["password-too-short"]),
        ("places", ["ttl"]),
    ],
)
def test_a_topic_reads_as_its_golden_text(shop: Shop, golden: Golden, name: str, words: list[str]) -> None:
    shown = shop.pac("explain", *words)
    assert shown.exit_code == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    golden(f"golden/explain-{name}.txt", shown.stdout)


def test_json_holds_every_topic_whole(shop: Shop) -> None:
    shown = json.loads(shop.pac("explain", "ttl", "PAC203", "--output", "json").stdout)
    assert shown["format_version"] == "1.0"
    assert [topic["sort"] for topic in shown["topics"]] == ["field"] * 7 + ["message"]
    first = shown["topics"][0]
    assert first["name"] == "IdentityPool.codes.activation.ttl"
    assert first["facts"]["the service"] == "otp_settings.activation.ttl"
    assert first["example"].startswith("apiVersion: pool-as-code/v1\n")


def test_an_unknown_word_is_refused_with_the_nearest_ones(shop: Shop) -> None:
    refused = shop.pac("explain", "minLenght")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert refused.stderr == "error: nothing is called 'minLenght'\nhint: did you mean minLength or length?\n"


def test_what_layers_are_written_with_is_told_where_it_stands(shop: Shop) -> None:
    for word in ("$unset", "${var.host}", "${row"):
        hint = "hint: docs/layers.md tells of $unset, ${var.NAME}, ${row.COLUMN} and $${\n"
        assert shop.pac("explain", word).stderr == f"error: nothing is called '{word}'\n{hint}"


def test_no_word_is_no_question(shop: Shop) -> None:
    asked = shop.pac("explain", "")
    assert (asked.exit_code, asked.stdout) == (1, "")
    assert asked.stderr.startswith("error: nothing is called ''\n")


def test_a_word_that_would_paint_the_terminal_is_harmless(shop: Shop) -> None:
    refused = shop.pac("explain", "\x1b[31mred")
    assert refused.exit_code == 1
    assert "\x1b" not in refused.stderr


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ([], "pool-as-code.schema.json"),
        (["Project"], "project.schema.json"),
        (["pool"], "kinds/IdentityPool.schema.json"),
        (["Patch"], "kinds/Patch.schema.json"),
    ],
)
def test_schema_prints_what_stands_in_the_folder(shop: Shop, words: list[str], file: str) -> None:
    assert shop.pac("schema", *words).stdout == schema_files()[file]


def test_schema_of_an_unknown_kind_is_refused_with_the_nearest_one(shop: Shop) -> None:
    refused = shop.pac("schema", "IdentityPol")
    assert refused.exit_code == 1
    assert "did you mean pac schema IdentityPool?" in refused.stderr
