"""What `validate` and `lint` say, in each of its forms."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from pool_as_code.core.diagnostics import Diagnostic, Location, Severity
from pool_as_code.core.edits import Edit, apply_edits
from pool_as_code.lint.config import effective
from pool_as_code.lint.registry import RULES
from pool_as_code.manifest.project import Rule as Said
from pool_as_code.render.messages import RENDERERS, Message, Messages, RuleLine, render_messages
from pool_as_code.render.rules import rules_json, rules_text
from tests.golden import Golden


def a_diagnostic(**other: Any) -> Diagnostic:
    found = Diagnostic(
        "PAC411",
        "a second factor can be skipped",
        Severity.WARN,
        "50% of users did",
        "set it to false",
        Location("manifests/a.yaml", 9, 26),
        "pool/customers",
        (Edit(9, 26, 4, "false"),),
    )
    return replace(found, **other)


EVERYWHERE = ("dev", "prod")
BREACH = Message(a_diagnostic(), "second-factor-skippable", EVERYWHERE)
NOTE = Message(Diagnostic("PAC405", "nothing needs it", Severity.WARN, location=Location("pool-as-code.yaml", 7, 3)))
WAIVED = replace(BREACH, accepted=("until all are enrolled", "2026-12-31"))
RULE_LINES = [RuleLine(rule.code, rule.name, rule.severity) for rule in RULES.rules]


def said(*messages: Message, waived: tuple[Message, ...] = (), **other: Any) -> Messages:
    given: dict[str, Any] = {"cwd": "/repo/shop", "top": "/repo", "environments": EVERYWHERE, "rules": RULE_LINES}
    return Messages("lint", messages, True, waived, **{**given, **other})


EXAMPLE = said(
    NOTE,
    BREACH,
    Message(a_diagnostic(code="PAC440", severity=Severity.ERROR, location=Location("<stdin>", 2, 1)), "r", ("prod",)),
    Message(
        a_diagnostic(code="PAC431", severity=Severity.INFO, location=Location("/else/b c.yaml", 1, 1)), "r", EVERYWHERE
    ),
    waived=(WAIVED,),
    about={"objects": 3},
)


@pytest.mark.parametrize("output", RENDERERS)
def test_each_form_reads_as_its_golden_text(output: str, golden: Golden) -> None:
    ending = {"json": "json", "sarif": "sarif.json"}.get(output, "txt")
    golden(f"golden/messages-{output}.{ending}", render_messages(output, EXAMPLE).replace(_version(), "VERSION"))


def _version() -> str:
    from pool_as_code import __version__

    return __version__


@pytest.mark.parametrize("output", RENDERERS)
def test_nothing_in_a_message_reaches_a_terminal_or_a_runner_as_a_command(output: str) -> None:
    evil = "\x1b[2J\u202e\r\n::set-output name=a::b\n::error::c\x07\u200b"
    item = a_diagnostic(summary=evil, detail=evil, hint=evil, address=evil, location=Location(f"a{evil}.yaml", 1, 1))
    text = render_messages(output, said(Message(item, evil, (evil,), (evil, evil)), waived=(Message(item),)))
    assert text.endswith("\n")
    assert text.replace("\n", "").isprintable()
    if output == "github":
        assert all(line.startswith(("::warning ", "::notice ")) for line in text.splitlines())


# -- text


def test_what_many_objects_have_at_one_place_is_told_once() -> None:
    many = [Message(a_diagnostic(address=f"pool/p{number}"), "r", EVERYWHERE) for number in range(6)]
    text = render_messages("text", said(*many))
    assert text.count("warning PAC411: pool/p0: ") == 1
    assert "the same in pool/p1, pool/p2, pool/p3 and 2 more" in text
    assert len(json.loads(render_messages("json", said(*many)))["diagnostics"]) == 6


def test_messages_about_a_whole_file_are_told_one_by_one() -> None:
    many = [
        Message(a_diagnostic(address=name, location=Location("a.yaml"), edits=()), "r") for name in ("pool/a", "pool/b")
    ]
    text = render_messages("text", said(*many))
    assert "PAC411: pool/a: " in text
    assert "PAC411: pool/b: " in text
    assert ["region" in str(result) for result in sarif(*many)["results"]] == [False, False]


def test_what_only_some_environments_have_is_told_apart() -> None:
    text = render_messages("text", said(BREACH, replace(BREACH, environments=("prod",))))
    assert text.count("warning PAC411") == 2
    assert text.count("only in environment prod") == 1


# -- github


@pytest.mark.parametrize(
    ("cwd", "top", "file", "shown"),
    [
        ("/repo/shop", "/repo", "a.yaml", "shop/a.yaml"),
        ("/repo/shop", "/repo", "../b.yaml", "b.yaml"),
        ("/repo", "/repo", "a,b:c.yaml", "a%2Cb%3Ac.yaml"),
        ("/repo", "/repo", "a%.yaml", "a%25.yaml"),
    ],
)
def test_an_annotation_names_its_file_from_the_top_of_the_repository(cwd: str, top: str, file: str, shown: str) -> None:
    line = render_messages(
        "github", said(Message(a_diagnostic(location=Location(file, 3, 4))), cwd=cwd, top=top)
    ).splitlines()[0]
    assert line.startswith(f"::warning file={shown},line=3,col=4,title=PAC411::")


@pytest.mark.parametrize("file", ["<stdin>", "../../else/a.yaml", "/else/a.yaml"])
def test_what_stands_outside_of_the_repository_has_its_place_in_the_message(file: str) -> None:
    line = render_messages("github", said(Message(a_diagnostic(location=Location(file, 3, 4)))))
    assert line.startswith(f"::warning title=PAC411::{file}:3:4: a second factor")


def test_a_message_is_one_line_from_which_its_text_can_be_read_back() -> None:
    line = render_messages("github", said(Message(a_diagnostic(detail="50%0A of\nusers"))))
    text = line.rstrip("\n").split("::", 2)[2]
    assert unquote(text).split("\n") == ["a second factor can be skipped", "50%0A of", "users", "set it to false"]


def test_a_whole_file_has_no_line() -> None:
    line = render_messages("github", said(Message(a_diagnostic(location=Location("a.yaml")))))
    assert line.startswith("::warning file=shop/a.yaml,title=PAC411::")


# -- sarif


def sarif(*messages: Message, **other: Any) -> Any:
    """The report, checked against the types of the standard."""
    types = importlib.import_module("pydantic_sarif.model")
    report = json.loads(render_messages("sarif", said(*messages, **other)))
    types.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(report)
    return report["runs"][0]


def test_a_report_is_valid_sarif() -> None:
    run = sarif(*EXAMPLE.messages, waived=EXAMPLE.waived)
    assert [result["level"] for result in run["results"]] == ["warning", "warning", "error", "note", "warning"]
    assert sarif()["results"] == []


def test_each_result_points_at_its_rule_and_each_rule_says_what_it_means() -> None:
    run = sarif(*EXAMPLE.messages)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    named = {rule["id"]: rule.get("name") for rule in rules}
    assert named == {**{rule.code: rule.name for rule in RULES.rules}, "PAC405": None}


def test_a_place_in_the_repository_is_relative_and_one_outside_is_not() -> None:
    files = ("a b%.yaml", "/else/c.yaml", "../d:e.yaml", "<stdin>")
    results = sarif(*(Message(a_diagnostic(location=Location(file, 3, 4))) for file in files))["results"]
    uris = [
        [
            place["physicalLocation"]["artifactLocation"]["uri"]
            for place in result["locations"]
            if "physicalLocation" in place
        ]
        for result in results
    ]
    assert uris == [["shop/a%20b%25.yaml"], ["file:///else/c.yaml"], ["./d%3Ae.yaml"], []]
    assert results[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 4}
    assert results[3]["message"]["text"].startswith("<stdin>:3:4: ")


def test_a_fix_does_to_the_text_what_the_edits_do() -> None:
    text = "a: 1\nb: true\nc: 3\n"
    edits = (Edit(2, 4, 4, "false"), Edit(1, 1, -1, ""), Edit(3, 1, 0, "x: 1\n"))
    (result,) = sarif(Message(a_diagnostic(edits=edits)))["results"]
    lines = text.split("\n")
    ends = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]
    replaced = text
    for one in reversed(result["fixes"][0]["artifactChanges"][0]["replacements"]):
        region = one["deletedRegion"]
        start = ends[region["startLine"] - 1] + region["startColumn"] - 1
        end = ends[region["endLine"] - 1] + region["endColumn"] - 1
        replaced = replaced[:start] + one["insertedContent"]["text"] + replaced[end:]
    assert replaced == apply_edits(text, edits) == "b: false\nx: 1\nc: 3\n"


def test_what_can_not_be_repaired_by_a_machine_or_is_in_no_file_has_no_fix() -> None:
    results = sarif(Message(a_diagnostic(edits=())), Message(a_diagnostic(location=Location("<stdin>", 1, 1))))[
        "results"
    ]
    assert [result.get("fixes") for result in results] == [None, None]


def test_a_waived_breach_is_a_suppressed_result() -> None:
    standing, waived = sarif(BREACH, waived=(WAIVED,))["results"]
    assert "suppressions" not in standing
    (suppression,) = waived["suppressions"]
    assert suppression["justification"] == "until all are enrolled (until 2026-12-31)"


def test_a_breach_keeps_its_fingerprint_when_lines_above_it_come_and_go() -> None:
    def fingerprint(**other: Any) -> object:
        return sarif(Message(a_diagnostic(**other)))["results"][0]["partialFingerprints"]

    assert fingerprint() == fingerprint(location=Location("manifests/a.yaml", 40, 2))
    assert fingerprint() != fingerprint(address="pool/other")


# -- the table of rules


def test_the_table_says_what_applies_here_and_what_is_configured() -> None:
    text = rules_text(effective({"password-too-short": Said("error", {"min": 15}), "PAC431": Said("ignore")}))
    assert re.search(
        r"^PAC418  password-too-short +error \(default warn\) +Passwords may be short$", text, re.MULTILINE
    )
    assert re.search(r"^ +min: 15 \(configured\)$", text, re.MULTILINE)
    assert re.search(r"^PAC431  open-profile +ignore \(default info\)", text, re.MULTILINE)
    assert all(f"\n{rule.code}  {rule.name} " in text for rule in RULES.rules)


def test_the_json_of_the_table_has_everything() -> None:
    listed = json.loads(rules_json(effective({"password-too-short": Said("", {"min": 15})})))["rules"]
    found = {rule["name"]: rule for rule in listed}
    assert list(found) == RULES.names
    assert found["password-too-short"]["options"][0] == {
        "name": "min",
        "type": "whole number",
        "default": 12,
        "value": 15,
        "description": "The fewest characters that a policy may ask for.",
    }
