"""Sections: which fields a name stands for, in our words and in the service's."""

from __future__ import annotations

import pytest

from pool_as_code.core.values import JsonMap
from pool_as_code.resources.sections import nearest_section, part_of, sections_named


def named(text: str) -> list[str]:
    return [f"{section.kind} {section}" for section in sections_named(text)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("passwordPolicy", ["pool passwordPolicy"]),
        ("passwordPolicy.minLength", ["pool passwordPolicy.minLength"]),
        ("pool.passwordPolicy", ["pool passwordPolicy"]),
        ("IdentityPool.passwordPolicy", ["pool passwordPolicy"]),
        ("signIn.firstFactor", ["pool signIn.firstFactor"]),
        ("allowedMethods", ["workspace allowedMethods", "organization allowedMethods"]),
        ("organization.allowedMethods", ["organization allowedMethods"]),
        ("schemas.profile", ["pool schemas.profile", "user schemas.profile"]),
        ("schema", ["schema schema"]),
        ("schema.schema", ["schema schema"]),
        ("user.administrative.tier", ["user administrative.tier"]),
        ('extra."odd key"', [f'{word} extra."odd key"' for word in ("workspace", "organization", "pool")]),
    ],
)
def test_a_section_is_named_by_its_path(text: str, meant: list[str]) -> None:
    assert named(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("password_policy", ["pool passwordPolicy"]),
        ("password_policy.min_length", ["pool passwordPolicy.minLength"]),
        ("passwordPolicy.min_length", ["pool passwordPolicy.minLength"]),
        ("min_length", ["pool passwordPolicy.minLength"]),
        ("pool.mfa_session_ttl", ["pool signIn.secondFactor.rememberDeviceFor"]),
        ("reset_credentials_settings.reset_totp_older_than", ["pool recovery.forceReset.totpSetBefore"]),
        ("otp_settings.activation.length", ["pool codes.activation.length"]),
        ("user.payload", ["user profile"]),
        ("metadata", ["organization metadata", "pool metadata"]),  # our own word, though users have it in the service
        ("user.metadata", ["user administrative"]),
    ],
)
def test_the_words_of_the_service_are_understood(text: str, meant: list[str]) -> None:
    assert named(text) == meant


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("paswordPolicy", "passwordPolicy"),
        ("pool.paswordPolicy", "pool.passwordPolicy"),
        ("passwordPolicy.minlenght", "passwordPolicy.minLength"),
        ("minLength", "passwordPolicy.minLength"),
        ("pool.domains", "domains"),
        ("length", "codes.activation.length"),
        ("xyz", None),
        ("", None),
        ("signIn.firstFactor.methods[password]", "signIn.firstFactor.methods"),
        ("extra.a.b", "extra"),
    ],
)
def test_anything_else_is_unknown_and_has_a_nearest_word(text: str, near: str | None) -> None:
    assert named(text) == []
    assert nearest_section(text) == near


def test_a_part_holds_what_the_sections_name_and_nothing_else() -> None:
    spec: JsonMap = {
        "displayName": "Shop",
        "passwordPolicy": {"minLength": 8, "history": 0},
        "signIn": {"firstFactor": {"methods": ["password"]}, "totpIssuer": "Shop", "secondFactor": {}},
    }
    names = ("passwordPolicy.minLength", "signIn.totpIssuer", "signIn.secondFactor", "codes", "signIn.firstFactor")
    sections = [section for name in names for section in sections_named(name)]
    assert part_of(spec, sections) == {
        "passwordPolicy": {"minLength": 8},
        "signIn": {"firstFactor": {"methods": ["password"]}, "totpIssuer": "Shop"},
    }
    assert part_of(spec, sections_named("recovery")) == {}
