"""Drift as text and JSON."""

import json
from typing import Any

from pool_as_code.app.drifting import Direction, Drift, DriftEntry
from pool_as_code.core.address import Address
from pool_as_code.render.drift import drift_text
from pool_as_code.render.json import drift_json, json_text
from tests.golden import Golden


def an_entry(address: str, field: str, declared: Any, live: Any, **given: Any) -> DriftEntry:
    direction = given.pop("direction", Direction.LIVE)
    return DriftEntry(Address.parse(address), field, declared, live, direction, **given)


DRIFT = Drift(
    (
        an_entry("pool/customers", "passwordPolicy.minLength", 12, 8),
        an_entry(
            "pool/customers",
            "signIn.firstFactor.methods",
            ["password"],
            ["password", "email_otp"],
            direction=Direction.BOTH,
        ),
        an_entry("pool/customers", "description", "a" * 100, "b" * 100, direction=Direction.MANIFEST),
        an_entry(
            "user/customers/ada", "addresses[email:ada@example.com].verified", True, False, initial=True, personal=True
        ),
        an_entry("user/customers/bob", "password", "one", "two", sensitive=True, direction=Direction.UNKNOWN),
        *(an_entry(f"user/customers/u{n}", "status", "active", "inactive") for n in range(30)),
    ),
    (Address("group", "customers/gone"),),
)


def test_drift_reads_as_its_golden_text(golden: Golden) -> None:
    golden("golden/drift.txt", drift_text(DRIFT))
    golden("golden/drift.json", json_text(drift_json(DRIFT)))


def test_no_drift_is_one_sentence() -> None:
    assert drift_text(Drift((), ())) == "No drift: every managed field is live as declared.\n"


def test_personal_values_are_shown_only_when_asked_for() -> None:
    assert "ada@example.com" not in drift_text(DRIFT)
    assert "ada@example.com" in drift_text(DRIFT, show_values=True)


def test_secrets_are_shown_nowhere() -> None:
    for text in (drift_text(DRIFT, show_values=True), json_text(drift_json(DRIFT))):
        assert '"one"' not in text
        assert "two" not in text


def test_hostile_values_are_made_harmless() -> None:
    text = "\x1b[2J\u202e\n- pool/everything\ud800"
    drift = Drift((an_entry(f"pool/{text}", text, text, [text]),), (Address("pool", text),))
    for shown in (drift_text(drift, show_values=True), drift_text(drift)):
        assert not [c for c in shown if c != "\n" and not c.isprintable()]
        assert "\n- pool/everything" not in shown
    assert json.loads(json_text(drift_json(drift)))["gone"] == [f"pool/{text}"]


def test_ten_thousand_different_drifts_stay_readable() -> None:
    entries = tuple(an_entry(f"pool/p{n}", "extra", n, n + 1) for n in range(10_000))
    text = drift_text(Drift(entries, ()))
    assert "... and 9,800 more objects" in text
    assert text.endswith("10,000 fields differ\n")
