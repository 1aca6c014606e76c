"""The service's JSON and ours say the same: names come from the traits, nothing is lost, zero values are absent."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pool_as_code.core.secrets import Secret
from pool_as_code.core.values import JsonMap, JsonValue, as_map
from pool_as_code.resources.normal import normal
from pool_as_code.resources.pool.sign_in import METHODS
from pool_as_code.resources.registry import KINDS, by_word
from pool_as_code.stores.secureauth.routes import Route, get, put, routes
from pool_as_code.stores.secureauth.wire import (
    credential_from_wire,
    from_wire,
    new_credentials,
    server_from_wire,
    to_wire,
)

WORDS = [kind.word for kind in KINDS]

# -- values for every declared field, found by its type

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_KNOWN_FORMS = {
    "displayName": _texts.filter(bool),
    "badgeColor": st.just("#00FF7f"),
    "color": st.just("#123456"),
    "domains": st.lists(st.sampled_from(["acme.example", "b.example"]), min_size=1, unique=True),
    "origins": st.lists(st.sampled_from(["https://a.example", "http://localhost:3000"]), min_size=1, unique=True),
    "relyingPartyId": st.just("shop.example.com"),
    "length": st.integers(4, 32),
    "metadata": st.dictionaries(
        _texts.filter(lambda t: t != "pool-as-code"), st.dictionaries(_texts, _json), min_size=1
    ),
    "schema": st.just({"type": "object", "properties": {"b": {"type": "string"}, "a": {"enum": ["z", "a"]}}}),
}


def values_of(route: Route) -> st.SearchStrategy[Any]:
    """Values of a field that are neither absent nor in need of `extra`."""
    field, hint = route.field, route.field.annotation
    if route.form == "duration":
        return st.integers(1, 10**10).map(_as_duration)
    if route.form == "time":
        return st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(_as_time)
    if field.ref or route.part == "metadata":
        return st.text("abcdefgh-_0123456789", min_size=1, max_size=12)
    if route.path[-1] in _KNOWN_FORMS:
        return _KNOWN_FORMS[route.path[-1]]
    options = [option for option in (get_args(hint) or (hint,)) if option is not type(None)]
    words = [word for option in (hint, *options) if get_origin(option) is Literal for word in get_args(option)]
    if words:
        return st.sampled_from(words)
    if "ethods" in route.path[-1] or route.path[-1] in ("preferred", "secondFactor"):
        one = st.sampled_from(METHODS)
        return st.lists(one, min_size=1, unique=True) if "ethods" in route.path[-1] else one
    if bool in options:
        return st.booleans()
    if field.per_key:
        return st.dictionaries(_texts, _json.filter(lambda value: value is not None), min_size=1, max_size=4)
    if int in options or any(int in get_args(option) for option in options):
        return st.integers(1, 1_000_000)
    return _texts.filter(bool)


def _as_duration(milliseconds: int) -> str:
    from pool_as_code.core.clock import format_duration

    return format_duration(milliseconds)


def _as_time(value: datetime) -> str:
    from pool_as_code.core.clock import format_time

    return format_time(value.replace(tzinfo=UTC))


@st.composite
def objects(draw: st.DrawFn, word: str) -> tuple[JsonMap, JsonMap]:
    """Metadata and spec of a kind: any choice of its fields."""
    parts: dict[str, JsonMap] = {"metadata": {"id": "the-id"}, "spec": {}}
    places: set[tuple[str, ...]] = set()
    for route in routes(word):
        if route.wire not in places and draw(st.booleans()):
            places.add(route.wire)
            put(parts[route.part], route.path, draw(values_of(route)))
    if word == "user":
        parts["spec"].update(draw(_lists))
    if "extra" in by_word()[word].shape.children and draw(st.booleans()):
        names = st.sampled_from(["future_setting", "risk_engine", "another"])
        extra: JsonMap = draw(st.dictionaries(names, _json.filter(lambda v: v is not None), min_size=1))
        parts["spec"]["extra"] = extra
    return parts["metadata"], parts["spec"]


_lists: st.SearchStrategy[dict[str, JsonValue]] = st.fixed_dictionaries(
    {},
    optional={
        "identifiers": st.just([{"email": "ada@example.com", "metadata": {"from": {"a": 1}}}, {"uid": "ada"}]),
        "addresses": st.just(
            [
                {
                    "mobile": "+48123456789",
                    "verified": True,
                    "status": "inactive",
                    "preferredContactMethod": "voice",
                    "allowedForSecondFactor": True,
                }
            ]
        ),
    },
)


def without_defaults(word: str, spec: JsonMap) -> JsonMap:
    """The spec without fields that say no more than their documented default."""
    spec = copy.deepcopy(spec)
    for route in routes(word):
        value = get(spec, route.path)
        if route.part == "spec" and route.field.has_default and value == route.field.default:
            _take_out(spec, route.path)
    return spec


def _take_out(spec: JsonMap, path: tuple[str, ...]) -> None:
    from pool_as_code.stores.secureauth.routes import take_out

    take_out(spec, path)


def without_zeros(value: JsonValue) -> JsonValue:
    """A JSON object without what the service's models write for fields that were never set."""
    if isinstance(value, dict):
        inner = {key: without_zeros(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in (None, "", False, [], {}, "0s")}
    return [without_zeros(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("word", WORDS)
def test_every_place_in_the_services_json_belongs_to_one_field(word: str) -> None:
    places = [route.wire for route in routes(word) if route.path != ("organization",)]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("word", WORDS)
@given(data=st.data())
def test_what_was_sent_is_what_is_read(word: str, data: st.DataObject) -> None:
    metadata, spec = data.draw(objects(word))
    received = from_wire(word, to_wire(word, metadata, spec))
    if "organization" in metadata:  # the service has one field for both; whoever knows the servers tells them apart
        metadata = {**metadata, "workspace": metadata["organization"]}
        del metadata["organization"]
    assert received.metadata == metadata
    assert without_defaults(word, received.spec) == without_defaults(word, spec)
    assert received.left_out == ()


@pytest.mark.parametrize("word", WORDS)
@given(data=st.data())
def test_what_was_read_is_what_is_sent_but_for_zero_values(word: str, data: st.DataObject) -> None:
    body = to_wire(word, *data.draw(objects(word)))
    received = from_wire(word, body)
    assert without_zeros(to_wire(word, received.metadata, received.spec)) == without_zeros(body)


@pytest.mark.parametrize("word", ["pool", "organization", "workspace"])
@given(body=st.dictionaries(_texts, _json, max_size=5), value=_json, data=st.data())
def test_no_json_value_is_lost_whatever_its_form(
    word: str, body: JsonMap, value: JsonValue, data: st.DataObject
) -> None:
    route = data.draw(st.sampled_from(routes(word)))
    body = {"id": "the-id", **{key: inner for key, inner in body.items() if key not in _RESERVED}}
    put(body, route.wire, value)
    received = from_wire(word, body)
    document = {key: inner for key, inner in received.spec.items() if key != "extra"}
    TypeAdapter(by_word()[word].spec).validate_python(_named(word, document))
    assert without_zeros(to_wire(word, received.metadata, received.spec)) == without_zeros(body)


_RESERVED = {"id", "tenant_id", "system", "deleted", "created_at", "updated_at", "name", "metadata"}


def _named(word: str, spec: JsonMap) -> JsonMap:
    spec = copy.deepcopy(spec)
    for route in routes(word):
        if route.field.ref and get(spec, route.path) is not None:
            put(spec, route.path, "name")
    return spec


def test_a_pool_of_the_service_in_our_words() -> None:
    received = from_wire(
        "pool",
        {
            "id": "customers",
            "tenant_id": "acme",
            "workspace_id": "shop",
            "name": "Customers",
            "description": "",
            "authentication_mechanisms": ["password", "push"],
            "mfa_session_ttl": "720h0m0s",
            "second_factor_threshold": 0,
            "reset_credentials_settings": {
                "do_not_allow_users_to_self_reset_credentials": True,
                "reset_password_older_than": "2026-01-01T01:00:00+01:00",
                "reset_totp_older_than": "0001-01-01T00:00:00Z",
            },
            "otp_settings": {
                "reset_password": {"length": 6, "ttl": "5m0s"},
                "authentication": {"length": 0, "ttl": "0s"},
            },
            "password_policy": {"min_length": 12, "banned_words": ["shop"], "strength": "titanic"},
            "payload_schema_id": "customer-profile",
            "metadata": {"pool-as-code": {"records": {}}, "team": {"name": "crm"}},
            "future_setting": {"on": False},
            "number_of_users": 7,
            "system": False,
            "deleted": False,
            "created_at": "2020-02-19T13:06:57.052165Z",
        },
    )
    assert received.metadata == {"id": "customers", "workspace": "shop"}
    assert received.spec == {
        "displayName": "Customers",
        "signIn": {
            "firstFactor": {"methods": ["password", "push"]},
            "secondFactor": {"rememberDeviceFor": "30d"},
            "allowUnknownMethods": True,
        },
        "recovery": {"selfReset": False, "forceReset": {"passwordsSetBefore": "2026-01-01T00:00:00Z"}},
        "codes": {"resetPassword": {"length": 6, "ttl": "5m"}},
        "passwordPolicy": {"minLength": 12},
        "schemas": {"profile": "customer-profile"},
        "metadata": {"team": {"name": "crm"}},
        "extra": {
            "password_policy": {"banned_words": ["shop"], "strength": "titanic"},
            "future_setting": {"on": False},
        },
    }


def test_durations_are_sent_as_the_service_writes_them() -> None:
    body = to_wire(
        "pool", {}, {"signIn": {"secondFactor": {"rememberDeviceFor": "30d"}}, "codes": {"activation": {"ttl": "90m"}}}
    )
    assert body["mfa_session_ttl"] == "720h0m0s"
    assert body["otp_settings"] == {"activation": {"ttl": "1h30m0s"}}


def test_extra_is_merged_below_declared_fields_and_does_not_override_them() -> None:
    spec: JsonMap = {
        "passwordPolicy": {"digits": 2},
        "extra": {"password_policy": {"digits": 9, "banned_words": ["x"]}},
    }
    assert to_wire("pool", {}, spec)["password_policy"] == {"digits": 2, "banned_words": ["x"]}
    assert spec["extra"] == {"password_policy": {"digits": 9, "banned_words": ["x"]}}


def test_admin_initiated_registration_switched_off_is_not_taken_for_unset() -> None:
    assert from_wire("pool", {"admin_initiated_registration": False}).spec == {
        "registrationModes": {"adminInitiated": False}
    }
    assert from_wire("pool", {"authentication_mechanisms": []}).spec == {"signIn": {"firstFactor": {"methods": []}}}
    assert from_wire("pool", {"authentication_mechanisms": None, "public_registration_allowed": False}).spec == {}


def test_null_keywords_of_a_schema_are_dropped_and_the_authors_order_stays() -> None:
    body: JsonMap = {
        "name": "Profile",
        "schema": {
            "type": "object",
            "allOf": None,
            "properties": {"zip": {"type": "string", "enum": None}, "city": {"type": "string"}},
            "required": ["zip", "city"],
        },
        "updated_at": "2020-02-19T13:06:57.052165Z",
        "colour": "red",
    }
    received = from_wire("schema", body)
    assert str(received.spec["schema"]) == str(
        {
            "type": "object",
            "properties": {"zip": {"type": "string"}, "city": {"type": "string"}},
            "required": ["zip", "city"],
        }
    )
    assert received.left_out == ("colour",)


def test_a_user_with_its_lists() -> None:
    received = from_wire(
        "user",
        {
            "id": "u1",
            "user_pool_id": "customers",
            "status": "active",
            "user_type": "jit",
            "payload": {"first_name": "Ada"},
            "metadata": None,
            "preferences": {"mfa": {"preferred_2fa": "totp"}, "theme": "dark"},
            "identifiers": [
                {"id": "i1", "identifier": "Ada@example.com", "identifier_lc": "ada@example.com", "type": "email"},
                {"identifier": "x", "type": "telepathic"},
            ],
            "verifiable_addresses": [
                {"address": "ada@example.com", "type": "email", "status": "broken", "verified": True, "score": 3}
            ],
            "credentials": [{"type": "password", "payload": {"hashed_password": "###"}}],
        },
    )
    assert received.metadata == {"id": "u1", "pool": "customers"}
    assert received.spec == {
        "status": "active",
        "userType": "jit",
        "identifiers": [{"email": "Ada@example.com"}],
        "addresses": [{"email": "ada@example.com", "verified": True}],
        "profile": {"first_name": "Ada"},
        "preferences": {"secondFactor": "totp"},
    }
    assert received.left_out == ("addresses.status", "identifiers", "preferences", "verifiable_addresses.score")


def test_a_server_is_a_workspace_or_an_organization_and_only_what_directories_need_is_kept() -> None:
    word, received = server_from_wire(
        {"id": "shop", "name": "Shop", "clients": {"c": {"client_secret": "s"}}, "jwks": {}}
    )
    assert (word, received.spec) == ("workspace", {"displayName": "Shop"})
    word, received = server_from_wire(
        {"id": "acme", "type": "organization", "parent_id": "shop", "metadata": {"payload": {"a": {}}}}
    )
    assert (word, received.metadata, received.spec) == (
        "organization",
        {"id": "acme", "parent": "shop"},
        {"metadata": {"a": {}}},
    )


@pytest.mark.parametrize("never", [None, "1900-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", ""])
def test_a_credential_that_never_expires(never: JsonValue) -> None:
    row: JsonMap = {"type": "password", "expires_at": never, "payload": {"hashed_password": "###"}}
    credential = credential_from_wire(row)
    assert (credential.state, credential.expires_at, credential.hash) == ("valid", "", None)


def test_a_stored_hash_does_not_print() -> None:
    stored: JsonMap = {"value": "$2a$10$abc", "config": {"method": "bcrypt"}}
    credential = credential_from_wire(
        {"payload": {"hashed_password": stored}, "state": "must_be_reset", "expires_at": "2020-01-01T00:00:00Z"}
    )
    assert "$2a$" not in repr(credential)
    assert credential.hash == Secret('{"config":{"method":"bcrypt"},"value":"$2a$10$abc"}')
    assert (credential.state, credential.expires_at) == ("must_be_reset", "2020-01-01T00:00:00Z")


def test_credentials_of_a_new_user_carry_what_only_creation_may_carry() -> None:
    spec: JsonMap = {"password": {"mustChange": True}, "passkeys": [{"id": [1]}]}
    sent = new_credentials(spec, {"password.initial": Secret("s3cret"), "totp.secret": Secret("BASE32")})
    assert sent == [
        {"type": "password", "password": "s3cret", "must_be_changed": True},
        {"type": "totp", "totp_secret": "BASE32"},
        {"type": "webauthn", "webauthn_credentials": [{"id": [1]}]},
    ]
    assert new_credentials({}, {}) == []


def test_normal_forms_do_not_depend_on_the_way_through_the_service() -> None:
    methods = by_word()["pool"].shape.at(("signIn", "firstFactor", "methods"))
    assert methods is not None
    received = from_wire("pool", {"authentication_mechanisms": ["totp", "password"]})
    found = as_map(as_map(received.spec["signIn"])["firstFactor"])["methods"]
    assert normal(methods, found) == normal(methods, ["password", "totp"])
