"""`pac lint`, and the forms of `pac validate`: what is written where, and the exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pool_as_code.core import clock
from pool_as_code.render.messages import RENDERERS
from tests.cli.shop import PROJECT, Shop

WEAK = """\
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata: {name: customers}
spec:
  signIn: {secondFactor: {methods: [totp], skipIfNotEnrolled: true}, totpIssuer: Shop}
"""
STRONG = WEAK.replace("skipIfNotEnrolled: true", "skipIfNotEnrolled: false")
OWN_RULES = "rules: {identifiers-case-sensitive: ignore, password-too-short: ignore, password-guessable: ignore}\n"
WAIVER = "waivers: [{rule: PAC411, address: pool/customers, reason: until spring, expires: 2026-12-31}]\n"
FOUND = "manifests/all.yaml:5:63: warning PAC411: pool/customers: a user who has enrolled no second factor signs in"


@pytest.fixture
def weak(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A pool that breaks one rule, on the first of June 2026."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, 12, tzinfo=UTC))
    return shop.write(WEAK, project=PROJECT + OWN_RULES)


def test_a_warning_is_told_and_passes(weak: Shop) -> None:
    result = weak.pac("lint")
    assert result.exit_code == 0
    assert result.stdout.startswith(FOUND)
    assert result.stdout.endswith("1 warning in 1 object (environments: default)\n")
    assert result.stderr == ""


def test_a_warning_does_not_pass_when_the_command_is_strict(weak: Shop) -> None:
    result = weak.pac("lint", "--strict")
    assert result.exit_code == 1
    assert result.stdout.startswith(FOUND)
    assert result.stderr == "error: 1 warning in 1 object (environments: default)\n"
    assert weak.write(STRONG, project=PROJECT + OWN_RULES).pac("lint", "--strict").exit_code == 0


def test_a_breach_of_severity_error_does_not_pass(weak: Shop) -> None:
    weak.write(WEAK, project=PROJECT + OWN_RULES.replace("{", "{PAC411: error, "))
    assert weak.pac("lint").exit_code == 1


def test_a_remark_passes_even_when_the_command_is_strict(weak: Shop) -> None:
    weak.write(WEAK, project=PROJECT + OWN_RULES.replace("{", "{PAC411: info, "))
    result = weak.pac("lint", "--strict")
    assert result.exit_code == 0
    assert result.stdout.endswith("1 remark in 1 object (environments: default)\n")


def test_where_nothing_is_broken_one_line_says_so(weak: Shop) -> None:
    result = weak.write(STRONG, project=PROJECT + OWN_RULES).pac("lint")
    assert (result.exit_code, result.stdout) == (0, "no rule is broken in 1 object (environments: default)\n")


def test_waived_breaches_are_counted_and_listed_when_asked_for(weak: Shop) -> None:
    weak.write(WEAK, project=PROJECT + OWN_RULES + WAIVER)
    result = weak.pac("lint", "--strict")
    assert result.exit_code == 0
    assert result.stdout == (
        "no rule is broken in 1 object; 1 waived (--show-waived lists them) (environments: default)\n"
    )
    shown = weak.pac("lint", "--show-waived").stdout
    assert f"Waived:\n{FOUND}" in shown
    assert "accepted until 2026-12-31: until spring" in shown


def test_manifests_with_errors_are_told_first_and_do_not_pass(weak: Shop) -> None:
    weak.write(WEAK.replace("[totp]", "totp"))
    result = weak.pac("lint")
    assert result.exit_code == 1
    assert "error PAC205" in result.stdout
    assert "PAC411" not in result.stdout
    assert result.stderr.startswith("error: the manifests have errors, so no rule was looked at: 1 error")


def test_a_mistake_in_the_rules_does_not_pass(weak: Shop) -> None:
    weak.write(STRONG, project=PROJECT + OWN_RULES.replace("password-guessable", "password-guesable"))
    for command in (["lint"], ["validate"], ["lint", "--rules"]):
        result = weak.pac(*command)
        assert result.exit_code == 1
        assert "pool-as-code.yaml:6:73: error PAC400: there is no lint rule password-guesable" in result.output


def test_the_rules_are_listed_as_they_apply_here(weak: Shop) -> None:
    text = weak.pac("lint", "--rules")
    assert text.exit_code == 0
    assert "PAC419  password-guessable " in text.stdout
    listed = json.loads(weak.pac("lint", "--rules", "--output", "json").stdout)["rules"]
    assert {rule["name"]: rule["severity"] for rule in listed}["password-guessable"] == "ignore"
    assert weak.pac("lint", "--rules", "--output", "github").exit_code == 1


def test_the_json_form_says_what_was_judged(weak: Shop) -> None:
    weak.write(WEAK, project=PROJECT + OWN_RULES + WAIVER)
    said = json.loads(weak.pac("lint", "--output", "json", "--show-waived").stdout)
    assert said["valid"] is True
    assert said["diagnostics"] == []
    assert [(item["code"], item["rule"], item["waiver"]["expires"]) for item in said["waived"]] == [
        ("PAC411", "second-factor-skippable", "2026-12-31")
    ]
    assert (said["objects"], said["environments"], said["waived_count"]) == (1, ["default"], 1)


@pytest.mark.parametrize("command", ["lint", "validate"])
@pytest.mark.parametrize("output", [name for name in RENDERERS if name != "text"])
def test_a_project_that_can_not_be_read_is_told_in_every_form(weak: Shop, command: str, output: str) -> None:
    (weak.root / "pool-as-code.yaml").write_text("kind: Project\n")
    result = weak.pac(command, "--output", output)
    assert result.exit_code == 1
    assert "PAC204" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("output", ["sarif", "github"])
def test_reports_name_files_from_the_top_of_the_repository(weak: Shop, output: str) -> None:
    inner = Shop(weak.root / "apps" / "shop")
    inner.root.mkdir(parents=True)
    (weak.root / ".git").mkdir()
    inner.write(WEAK.replace("[totp]", "totp"))
    result = inner.pac("validate", "--output", output)
    assert result.exit_code == 1
    assert "apps/shop/manifests/all.yaml" in result.stdout
    assert result.stderr == "error: 1 error in 1 file (environments: default)\n"


@pytest.mark.parametrize("output", ["sarif", "github"])
def test_valid_manifests_are_talk_beside_a_report(weak: Shop, output: str) -> None:
    result = weak.pac("validate", "--output", output)
    assert result.exit_code == 0
    assert "Valid" not in result.stdout
    assert result.stderr == "Valid: 1 IdentityPool in 1 file (environments: default)\n"


def test_standard_input_is_judged(weak: Shop) -> None:
    result = weak.pac("lint", "-", input=WEAK)
    assert result.stdout.startswith("<stdin>:5:63: warning PAC411")
