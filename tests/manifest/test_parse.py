"""Messages on documents that are not valid: one for each place, in our words, with nothing hidden in them."""

import copy
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.diagnostics import Diagnostic
from pool_as_code.core.yaml import dump
from pool_as_code.manifest.annotations import spot, words
from pool_as_code.manifest.better import better
from pool_as_code.render.diagnostics import diagnostics_text
from pool_as_code.resources.registry import by_name
from tests.manifest.mutations import DOCUMENTS, holder_at, load_text, places

MARK = "Xq7Marker9"
USER = spot(by_name()["User"].document)
POOL = spot(by_name()["IdentityPool"].document)


def told(folder: Path, kind: str, **fields: Any) -> list[Diagnostic]:
    metadata = {"name": "x", **({"pool": "p"} if kind in ("Group", "User") else {}), **fields.pop("metadata", {})}
    pool: Any = {"apiVersion": "pool-as-code/v1", "kind": "IdentityPool", "metadata": {"name": "p"}}
    document: Any = {"apiVersion": "pool-as-code/v1", "kind": kind, "metadata": metadata, "spec": fields}
    return list(load_text(folder, dump([pool, document])).diagnostics)


def summaries(folder: Path, kind: str, **fields: Any) -> list[str]:
    return [f"{item.code} {item.summary}" for item in told(folder, kind, **fields)]


def test_a_union_gives_one_message_that_names_all_it_takes(tmp_path: Path) -> None:
    assert summaries(tmp_path, "IdentityPool", metadata={"adopt": 3}) == [
        "PAC205 metadata.adopt needs true or false or the word builtIn or a map with from"
    ]
    assert summaries(tmp_path, "Organization", metadata={"adopt": True}, domains=3) == [
        "PAC205 domains needs a list of texts"
    ]


def test_inside_of_a_union_only_the_branch_that_was_meant_is_told(tmp_path: Path) -> None:
    assert summaries(tmp_path, "IdentityPool", metadata={"adopt": {"form": "p-1"}}) == [
        "PAC203 unknown key 'form' in metadata.adopt"
    ]
    assert summaries(tmp_path, "IdentityPool", metadata={"adopt": {"from": 3}}) == [
        "PAC205 metadata.adopt.from needs a text"
    ]
    assert summaries(tmp_path, "User", password={"hash": 3}) == ["PAC205 password.hash needs a text or a map"]


def test_a_key_that_is_there_under_a_wrong_name_is_not_called_missing_too(tmp_path: Path) -> None:
    assert summaries(tmp_path, "User", totp={"sekret": {"fromEnv": "A"}}) == ["PAC203 unknown key 'sekret' in totp"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("spec", "codes", "activation", "length"), "a whole number from 4 to 32"),
        (("spec", "signIn", "secondFactor", "skipFromAssurance"), "a number"),
        (("spec", "signIn", "secondFactor", "rememberDeviceFor"), "a duration such as 30d or 1h30m"),
        (("spec", "passwordPolicy", "strength"), "one of any, weak, fair, strong, very_strong"),
        (("spec", "poolLimits"), "a map with passkeysPerUser"),
        (("spec", "codes"), "a map"),
        (("spec", "extra", "anything"), "a value"),
    ],
)
def test_what_is_expected_is_said_in_words(path: tuple[str, ...], expected: str) -> None:
    here = POOL.at(path)
    assert here is not None
    assert words(here) == expected


@pytest.mark.parametrize(
    ("path", "value", "meant"),
    [
        ("passwordPolicy.minLength", "12", 12),
        ("passwordPolicy.minLength", " 12 ", 12),
        ("passwordPolicy.minLength", 12.0, 12),
        ("passwordPolicy.minLength", [12], 12),
        ("passwordPolicy.minLength", "012", None),
        ("passwordPolicy.minLength", 12.5, None),
        ("passwordPolicy.minLength", "-1", None),
        ("passwordPolicy.minLength", True, None),
        ("signIn.secondFactor.skipFromAssurance", "12.5", 12.5),
        ("signIn.identifiersIgnoreCase", "Yes", True),
        ("signIn.identifiersIgnoreCase", 0, False),
        ("signIn.identifiersIgnoreCase", "maybe", None),
        ("signIn.firstFactor.methods", "password", ["password"]),
        ("signIn.firstFactor.methods", {"password": None, "totp": None}, ["password", "totp"]),
        ("signIn.firstFactor.methods", {"password": True}, None),
        ("displayName", 2026, "2026"),
        ("displayName", True, "true"),
        ("displayName", ["Customers"], "Customers"),
        ("displayName", {}, None),
        ("codes.activation.ttl", "1 hour and 30 minutes", "1h30m"),
        ("codes.activation.ttl", "P1DT2H", "1d2h"),
        ("codes.activation.ttl", 0, "0"),
        ("codes.activation.ttl", 600, None),
        ("codes.activation.ttl", "soon", None),
        ("recovery.forceReset.totpSetBefore", "2026-01-01 10:00", "2026-01-01 10:00:00Z"),
        ("recovery.forceReset.totpSetBefore", "2026-13-01", None),
        ("badgeColor", "007FFF", "#007FFF"),
        ("badgeColor", "red", None),
        ("passkeySettings.relyingPartyId", "Shop.Example.com", "shop.example.com"),
        ("passkeySettings.relyingPartyId", "https://shop.example.com:8443/login", "shop.example.com"),
        ("passkeySettings.origins", "http://shop.example.com/", ["https://shop.example.com"]),
        ("schemas.profile", "customer profile", "customer-profile"),
    ],
)
def test_what_was_probably_meant_is_valid_and_no_guess(path: str, value: Any, meant: Any) -> None:
    here = POOL.at(("spec", *path.split(".")))
    assert here is not None
    found = better(value, here)
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", MARK),
        ("password", [MARK]),
        ("password", {"initial": MARK}),
        ("password", {"initial": {"fromEnv": f"{MARK} {MARK}"}}),
        ("password", {"initial": {"value": MARK}}),
        ("password", {"initial": {MARK: None}}),
        ("password", {"initial": {MARK: {"x": 1}}}),
        ("password", {MARK: True}),
        ("password", {"initial": {"fromFile": f"/{MARK}"}}),
        ("password", {"hash": MARK}),
        ("password", {"hash": f"$2b$12${MARK}"}),
        ("password", {"hash": f"$argon2id$v=19$m=1,t=1,p=1${MARK}$x"}),
        ("password", {"hash": f"{{SSHA}}{MARK}"}),
        ("password", {"hash": {"value": MARK, "config": {"method": "bcrypt"}}}),
        ("password", {"hash": {MARK: MARK}}),
        ("password", {"hash": [MARK]}),
        ("password", {"mustChange": MARK}),
        ("totp", MARK),
        ("totp", {"secret": MARK}),
        ("totp", {"secret": [MARK]}),
        ("totp", {"secret": {"base32": MARK}}),
    ],
)
def test_a_secret_is_never_shown_wherever_it_stands(tmp_path: Path, field: str, value: Any) -> None:
    found = told(tmp_path, "User", **{field: value})
    assert found
    assert MARK not in diagnostics_text(found)
    assert not [edit for item in found for edit in item.edits if MARK in edit.replacement]


def test_personal_values_are_never_shown(tmp_path: Path) -> None:
    seen = 0
    for path in places(DOCUMENTS):
        document = DOCUMENTS[path[0]]
        inner = path[1:]
        kind = by_name()[document["kind"]]
        if inner[:1] == ("spec",) and spot(kind.document).hides(inner):
            for value in (MARK, [MARK], {"x": MARK}, 4711471147):
                changed = copy.deepcopy(document)
                holder_at([changed], (0, *inner))[inner[-1]] = value
                text = diagnostics_text(load_text(tmp_path, dump([changed])).diagnostics)
                assert MARK not in text, text
                assert "4711471147" not in text, text
                seen += bool(text)
    assert seen > 50


def test_a_value_is_shown_short_and_with_nothing_that_can_not_be_seen(tmp_path: Path) -> None:
    (found,) = told(tmp_path, "IdentityPool", badgeColor="\u202e" + "\u0007red" * 30)
    assert found.detail.startswith("found the text '\\u202E\\x07red")
    assert len(found.detail) < 70


def test_a_variable_is_named_after_the_user(tmp_path: Path) -> None:
    for name, variable in {
        "ada.l+x": "ADA_L_X_PASSWORD",
        "7": "USER_7_PASSWORD",
        "pool-as-code-x": "USER_POOL_AS_CODE_X_PASSWORD",
    }.items():
        (found,) = told(tmp_path, "User", metadata={"name": name}, password=MARK)
        assert f"fromEnv: {variable}}}" in found.hint
