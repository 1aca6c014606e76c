"""Hypothesis strategies for manifests: documents of every kind with every field, made from the kinds' own field trees.

`projects()` draws a whole consistent project: unique names, references that exist, attributes that fit their schemas.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pool_as_code.resources.pool.codes import PURPOSES
from pool_as_code.resources.pool.sign_in import METHODS

API = "pool-as-code/v1"
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff"), max_size=20)
SHOWN = TEXT.filter(bool)
ODD_KEY = st.one_of(NAMES, st.sampled_from(["a.b", "with space", "[x]", 'quo"te', "ключ", "0", "null", "<b>", "on"]))
JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**53), 2**53), TEXT, st.floats(-1e6, 1e6).map(lambda f: f + 0.0)
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(ODD_KEY, inner, max_size=3)),
    max_leaves=5,
)
VALUE = JSON.filter(lambda v: v is not None)
DURATION = st.sampled_from(["0s", "30s", "5m", "1h30m", "720h0m0s", "30d", "365d", "250ms", "1.5h"])
TIME = st.sampled_from(["2026-01-01T00:00:00Z", "2025-06-30T12:00:00+02:00", "2024-02-29T23:59:59.5Z"])
COLOR = st.from_regex(r"#[0-9A-F]{6}", fullmatch=True)
COUNT = st.integers(0, 5)
METHOD_LIST = st.lists(st.sampled_from(METHODS), unique=True, max_size=3)


def some(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Any subset of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def nullable(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Sometimes `null`, which resets."""
    return st.one_of(strategy, strategy, strategy, st.none())


FLIP = st.booleans()


def flip(draw: st.DrawFn) -> bool:
    """Heads or tails."""
    return draw(FLIP)


@st.composite
def sign_in(draw: st.DrawFn) -> dict[str, Any]:
    first: list[str] = draw(METHOD_LIST)
    second = [m for m in draw(METHOD_LIST) if m not in first]
    found: dict[str, Any] = draw(some({"identifiersIgnoreCase": nullable(st.booleans()), "totpIssuer": nullable(TEXT)}))
    if flip(draw):
        factor: dict[str, Any] = {"methods": first}
        if first and flip(draw):
            factor["preferred"] = draw(nullable(st.sampled_from(first)))
        found["firstFactor"] = factor
    if flip(draw):
        factor = draw(
            some(
                {
                    "skipIfNotEnrolled": nullable(st.booleans()),
                    "rememberDeviceFor": nullable(DURATION),
                    "skipFromAssurance": nullable(st.one_of(st.integers(0, 100), st.sampled_from([0.5, 30.25]))),
                }
            )
        )
        if "firstFactor" in found:
            factor["methods"] = second
            if second and flip(draw):
                factor["preferred"] = draw(nullable(st.sampled_from(second)))
        found["secondFactor"] = factor
    return found


CODE = some({"length": st.integers(4, 10), "ttl": DURATION})
POLICY = some(
    {
        key: nullable(COUNT)
        for key in ("minLength", "lowercaseLetters", "capitalLetters", "digits", "specialCharacters", "history")
    }
    | {"strength": nullable(st.sampled_from(["any", "weak", "fair", "strong", "very_strong"]))}
)


def pool_spec(schemas: list[str], workspaces: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Every section and field of a pool."""
    schema = st.sampled_from([*schemas, "$default"])
    open_schema = st.sampled_from(["$default"]) if not schemas else st.sampled_from(schemas)
    fields: dict[str, st.SearchStrategy[Any]] = {
        "displayName": SHOWN,
        "description": nullable(TEXT),
        "badgeColor": nullable(COLOR),
        "signIn": sign_in(),
        "registrationModes": some(
            {"selfRegistration": nullable(st.booleans()), "adminInitiated": nullable(st.booleans())}
        ),
        "recovery": some(
            {
                "selfReset": nullable(st.booleans()),
                "forceReset": some(
                    {k: nullable(TIME) for k in ("passwordsSetBefore", "totpSetBefore", "passkeysSetBefore")}
                ),
            }
        ),
        "passwordPolicy": POLICY,
        "passwordSettings": some(
            {
                "hashingMethod": st.sampled_from(["argon2", "bcrypt", "pbkdf2", "sha"]),
                "expiresAfter": nullable(DURATION),
            }
        ),
        "poolLimits": some({"passkeysPerUser": st.integers(1, 5)}),
        "passkeySettings": some(
            {
                "relyingPartyId": st.sampled_from(["example.com", "shop.example.com"]),
                "origins": nullable(
                    st.lists(st.sampled_from(["https://a.example", "https://b.example:8443", "http://localhost:3000"]))
                ),
                "requireInteraction": nullable(st.booleans()),
            }
        ),
        "codes": some({"confirmBeforeSend": nullable(st.booleans())} | dict.fromkeys(PURPOSES, CODE)),
        "schemas": some({"profile": open_schema if schemas else schema, "administrative": schema, "delegated": schema}),
        "metadata": st.dictionaries(ODD_KEY, nullable(st.dictionaries(ODD_KEY, VALUE, max_size=2)), max_size=2),
        "extra": st.dictionaries(NAMES.map(lambda n: f"x_{n}"), nullable(VALUE), max_size=2),
    }
    if workspaces:
        fields["signInAt"] = st.lists(st.sampled_from(workspaces), unique=True, max_size=2)
    return some(fields)


SCHEMA_SPEC = st.fixed_dictionaries(
    {
        "schema": st.sampled_from(
            [
                {"type": "object"},
                {"type": "object", "properties": {"first_name": {"type": "string", "maxLength": 40}}},
                {
                    "type": "object",
                    "description": "<b>bold</b>",
                    "properties": {"tier": {"type": "string", "enum": ["gold", "silver"], "hidden": True}},
                },
            ]
        )
    },
    optional={"displayName": SHOWN, "description": nullable(TEXT)},
)


@st.composite
def user_spec(draw: st.DrawFn, serial: int, groups: list[str], pool: dict[str, Any]) -> dict[str, Any]:
    """A user whose identifiers no other one has."""
    identifiers = draw(
        st.lists(
            st.sampled_from(
                [
                    {"email": f"user{serial}@example.com"},
                    {"uid": f"User{serial}"},
                    {"mobile": f"+4812345{serial:04d}"},
                    {"external": f"ext/{serial}", "metadata": {"from": "crm"}},
                ]
            ),
            unique_by=str,
            max_size=4,
        )
    )
    addresses = draw(
        st.lists(
            st.sampled_from(
                [
                    {"email": f"user{serial}@example.com", "verified": True},
                    {
                        "mobile": f"+4812345{serial:04d}",
                        "verified": False,
                        "status": "inactive",
                        "preferredContactMethod": "voice",
                        "allowedForSecondFactor": True,
                        "metadata": {"note": "<i>"},
                    },
                ]
            ),
            unique_by=str,
            max_size=2,
        )
    )
    attributes = st.dictionaries(
        ODD_KEY.filter(lambda key: key not in ("first_name", "last_name", "name", "tier")), VALUE, max_size=3
    )
    fields: dict[str, st.SearchStrategy[Any]] = {
        "status": st.sampled_from(["new", "active", "inactive"]),
        "identifiers": st.just(identifiers),
        "addresses": st.just(addresses),
        "profile": attributes.map(lambda a: {"first_name": "Ada", **a}),
        "administrative": attributes,
        "delegated": attributes,
        "preferences": some({"secondFactor": nullable(st.sampled_from(METHODS))}),
        "totp": st.just({"secret": {"fromEnv": "TEST_TOTP"}}),
        "passkeys": st.lists(st.just({"id": [1, serial % 255], "publicKey": [4, 5]}), max_size=1),
        "userType": st.just("standard"),
    }
    if groups:
        fields["groups"] = st.lists(st.sampled_from(groups), unique=True, max_size=2)
    spec: dict[str, Any] = draw(some(fields))
    if flip(draw) and flip(draw):
        spec["password"] = draw(
            st.sampled_from(
                [{"initial": {"fromEnv": "TEST_PASSWORD"}}, {"hash": HASH}, {"hash": HASH, "mustChange": True}]
            )
        )
    admitted = pool.get("registrationModes", {}).get("adminInitiated") is not False
    if admitted and spec.get("status", "new") == "new" and flip(draw) and flip(draw):
        spec["addresses"] = [{"email": f"user{serial}@example.com"}]
        spec["invitation"] = {"send": "onCreate", "via": "code"}
    return spec


HASH = "$2b$04$mN5Lnj9Rl3KvLBE5sRGbGu6Yxr3sdxqoH8H4cTfZhd1cJrA9u5j4K"
ENVIRON = {"TEST_PASSWORD": "QWZXK-81936-zebra!?=+mango-Tulip", "TEST_TOTP": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}


@st.composite
def projects(draw: st.DrawFn, *, most_users: int = 4) -> list[dict[str, Any]]:
    """All documents of a consistent project: they validate and can be applied."""
    documents: list[dict[str, Any]] = []

    def add(kind: str, metadata: dict[str, Any], spec: dict[str, Any]) -> None:
        documents.append({"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec})

    workspaces = draw(st.lists(NAMES.map(lambda n: f"w-{n}"), unique=True, max_size=2))
    common = {"displayName": SHOWN, "description": nullable(TEXT), "color": nullable(COLOR)}
    for name in workspaces:
        add("Workspace", {"name": name}, draw(some(common | {"extra": st.dictionaries(NAMES, VALUE, max_size=1)})))
    organizations: list[str] = []
    for name in draw(st.lists(NAMES.map(lambda n: f"o-{n}"), unique=True, max_size=2)):
        metadata: dict[str, Any] = {"name": name}
        parents = [*workspaces, *organizations]
        if parents and flip(draw):
            metadata["parent"] = draw(st.sampled_from(parents))
        fields = common | {
            "domains": nullable(st.lists(st.sampled_from(["a.example", "b.example"]), unique=True)),
            "allowedMethods": METHOD_LIST,
            "template": nullable(st.booleans()),
            "metadata": st.dictionaries(NAMES, st.dictionaries(NAMES, VALUE, max_size=2), max_size=1),
        }
        add("Organization", metadata, draw(some(fields)))
        organizations.append(name)
    schemas = draw(st.lists(NAMES.map(lambda n: f"s-{n}"), unique=True, max_size=2))
    for name in schemas:
        add("Schema", {"name": name}, draw(SCHEMA_SPEC))
    serial = draw(st.integers(0, 50)) * 10
    for name in draw(st.lists(NAMES.map(lambda n: f"p-{n}"), unique=True, min_size=1, max_size=2)):
        metadata = {"name": name}
        where = draw(st.sampled_from(["none", "workspace", "organization"]))
        if where == "workspace" and workspaces:
            metadata["workspace"] = draw(st.sampled_from(workspaces))
        elif where == "organization" and organizations:
            metadata["organization"] = draw(st.sampled_from(organizations))
        if flip(draw):
            metadata["protect"] = flip(draw)
        spec = draw(pool_spec(schemas, workspaces))
        add("IdentityPool", metadata, spec)
        groups: list[str] = []
        for number, group in enumerate(draw(st.lists(NAMES.map(lambda n: f"g-{n}"), unique=True, max_size=3))):
            inside: dict[str, Any] = {"name": group, "pool": name}
            if groups and flip(draw):
                inside["parent"] = draw(st.sampled_from(groups))
            add("Group", inside, draw(some({"displayName": st.just(f"Group {number}"), "description": nullable(TEXT)})))
            groups.append(group)
        for _ in range(draw(st.integers(0, most_users))):
            serial += 1
            about: dict[str, Any] = {"name": f"u{serial}", "pool": name}
            if flip(draw) and flip(draw):
                about["manage"] = draw(st.sampled_from(["initial", "always"]))
            add("User", about, draw(user_spec(serial, groups, spec)))
    return documents
