"""What users are in SCIM: names, addresses, profiles, states; what PUT and PATCH leave alone; what is refused, and how."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.scim.provider import CUSTOM, GOOD, USER, Provider

WORK = 'emails[type eq "work"].value'


def identifiers(provider: Provider, id: str) -> list[tuple[str, str]]:
    shown = provider.site.get(f"/pools/p/users/{id}")["identifiers"]
    return [(one["type"], one["identifier"]) for one in shown]


@pytest.mark.parametrize(
    ("user_name", "word"), [("ada@example.com", "email"), ("+12015550123", "mobile"), ("ada.l", "uid"), ("ada@", "uid")]
)
def test_a_new_name_has_the_type_of_its_form(provider: Provider, user_name: str, word: str) -> None:
    made = provider.made(user_name)
    assert identifiers(provider, made["id"]) == [(word, user_name)]
    assert made["userName"] == user_name


def test_a_name_that_stays_keeps_its_type_and_what_else_is_known_of_it(provider: Provider) -> None:
    named = {"identifier": "ada@example.com", "type": "uid", "metadata": {"since": "1842"}}
    provider.site.post("/pools/p/users", {"id": "ada", "status": "active", "identifiers": [named]})
    provider.does("PUT", "/Users/ada", {"userName": "ada@example.com", "externalId": "7"})
    shown = provider.site.get("/pools/p/users/ada")["identifiers"]
    assert [(one["type"], one.get("metadata")) for one in shown] == [("uid", {"since": "1842"}), ("external", None)]


def test_further_identifiers_are_additional_and_federated_ones_stay(provider: Provider) -> None:
    several = [
        ("federated", "sub-1"),
        ("email", "ada@example.com"),
        ("uid", "ada"),
        ("external", "7"),
        ("external", "8"),
    ]
    body = [{"type": word, "identifier": value} for word, value in several]
    provider.site.post("/pools/p/users", {"id": "ada", "status": "active", "identifiers": body})
    shown = provider.does("GET", "/Users/ada")
    assert (shown["userName"], shown["externalId"]) == ("ada@example.com", "7")
    assert [(one["type"], one["value"]) for one in shown["additionalIdentifiers"]] == [
        ("federated", "sub-1"),
        ("uid", "ada"),
        ("external", "8"),
    ]
    after = provider.does("PUT", "/Users/ada", {**shown, "userName": "ada", "additionalIdentifiers": []})
    assert (after["userName"], after["externalId"]) == ("ada", "7")
    assert sorted(identifiers(provider, "ada")) == [("external", "7"), ("federated", "sub-1"), ("uid", "ada")]
    more = {"op": "add", "path": "additionalIdentifiers", "value": [{"value": "+12015550123"}]}
    provider.patched("ada", more)
    assert ("mobile", "+12015550123") in identifiers(provider, "ada")
    forged = [{"type": "federated", "value": "sub-2"}]
    refused = provider.refused("PUT", "/Users/ada", {"userName": "ada", "additionalIdentifiers": forged})
    assert refused == (400, "mutability")


def test_an_address_in_the_place_of_a_verified_one_is_not_verified(provider: Provider) -> None:
    first = {"value": "ada@example.com", "verified": True}
    made = provider.made(emails=[first, {"value": "home@example.com", "type": "home"}])
    assert [one["verified"] for one in made["emails"]] == [True, False]
    for operation in (
        {"op": "replace", "path": WORK, "value": "eve@example.com"},
        {"op": "replace", "path": 'emails[type eq "work"]', "value": {"value": "eva@example.com"}},
        {"op": "replace", "path": "/emails/0/value", "value": "evi@example.com"},
    ):
        after = provider.patched(made["id"], operation)
        assert after["emails"][0]["value"] != "ada@example.com"
        assert after["emails"][0]["verified"] is False
        provider.does("PUT", f"/Users/{made['id']}", {**made})


def test_a_verified_address_stays_verified_while_it_stays(provider: Provider) -> None:
    made = provider.made(emails=[{"value": "ada@example.com", "verified": True}])
    replaced = {"op": "replace", "path": "emails", "value": [{"value": "ada@example.com"}, {"value": "b@example.com"}]}
    assert [one["verified"] for one in provider.patched(made["id"], replaced)["emails"]] == [True, False]
    said = {"op": "replace", "path": 'emails[value eq "ada@example.com"].verified', "value": "False"}
    assert [one["verified"] for one in provider.patched(made["id"], said)["emails"]] == [False, False]


def test_types_and_the_primary_address_are_kept_and_one_is_primary(provider: Provider) -> None:
    emails = [{"value": "w@example.com"}, {"value": "h@example.com", "type": "home", "primary": "True"}]
    made = provider.made(emails=emails)
    assert [(one["type"], one.get("primary")) for one in made["emails"]] == [("work", None), ("home", True)]
    added = {"op": "add", "path": "emails", "value": [{"value": "o@example.com", "type": "other", "primary": True}]}
    after = provider.patched(made["id"], added)
    assert [(one["type"], one.get("primary")) for one in after["emails"]] == [
        ("work", None),
        ("home", None),
        ("other", True),
    ]
    after = provider.patched(made["id"], {"op": "remove", "path": "emails[primary eq true]"})
    assert [(one["type"], one.get("primary")) for one in after["emails"]] == [("work", True), ("home", None)]
    two = [{"value": "a@example.com", "primary": True}, {"value": "b@example.com", "primary": True}]
    assert provider.refused("POST", "/Users", {"userName": "x", "emails": two}) == (400, "invalidValue")


def test_telephones_lose_their_decoration_and_the_rest_of_an_address_stays(provider: Provider) -> None:
    made = provider.made(phoneNumbers=[{"value": "tel:+1-201-555-0123", "type": "mobile"}])
    assert made["phoneNumbers"][0]["value"] == "+12015550123"
    change = {"address": "+12015550123", "status": "active", "verified": True, "preferred_contact_method": "voice"}
    provider.site.post(f"/pools/p/users/{made['id']}/addresses/update", change, 200)
    provider.patched(made["id"], {"op": "replace", "path": "phoneNumbers.type", "value": "work"})
    (address,) = provider.site.get(f"/pools/p/users/{made['id']}")["verifiable_addresses"]
    assert (address["verified"], address["preferred_contact_method"]) == (True, "voice")
    assert address["metadata"] == {"scim": {"type": "work"}}
    assert provider.refused("POST", "/Users", {"userName": "x", "phoneNumbers": [{"value": "555-0123"}]})[0] == 400


def test_the_profile_is_names_and_the_extension(provider: Provider) -> None:
    made = provider.made(name={"givenName": "Ada"}, **{CUSTOM: {"Department": "sales", "level": 3, "tags": ["a"]}})
    user = provider.site.get(f"/pools/p/users/{made['id']}")
    assert user["payload"] == {"first_name": "Ada", "department": "sales", "level": 3, "tags": ["a"]}
    assert made["schemas"] == [USER, CUSTOM]
    after = provider.patched(
        made["id"],
        {"op": "add", "path": f"{CUSTOM}:tags", "value": ["a", "b"]},
        {"op": "add", "path": f"{CUSTOM}:seat.floor", "value": 2},
        {"op": "remove", "path": f"{CUSTOM}:level"},
        {"op": "replace", "path": CUSTOM.lower(), "value": {"DEPARTMENT": "care"}},
        {"op": "remove", "path": "name.givenName"},
    )
    assert after[CUSTOM] == {"department": "care", "tags": ["a", "b"], "seat": {"floor": 2}}
    assert "name" not in after
    after = provider.patched(made["id"], {"op": "remove", "path": CUSTOM})
    assert CUSTOM not in after


@pytest.mark.parametrize(
    "change",
    [
        {CUSTOM: {"department": "elsewhere"}},
        {CUSTOM: {"nickname": "x"}},
        {CUSTOM: {"first_name": "Ada"}},
        {CUSTOM: "text"},
        {"name": "Ada"},
        {"name": {"givenName": 1}},
        {"emails": {"value": "a@example.com"}},
        {"emails": ["a@example.com"]},
        {"emails": [{"value": "no address"}]},
        {"active": "perhaps"},
        {"active": 1},
        {"userName": "with space"},
        {"userName": ["ada"]},
        {"userName": ""},
        {"externalId": 7},
        {"additionalIdentifiers": [{"type": "pin", "value": "x"}]},
        {"password": "short"},
        {"password": {"value": GOOD}},
    ],
    ids=str,
)
def test_values_that_can_not_be_are_refused_and_nothing_is_written(provider: Provider, change: dict[str, Any]) -> None:
    made = provider.made()
    assert provider.refused("POST", "/Users", {"userName": "x", **change}) == (400, "invalidValue")
    assert provider.refused("PUT", f"/Users/{made['id']}", {"userName": "x", **change}) == (400, "invalidValue")
    assert provider.does("GET", "/Users")["Resources"] == [made]


def test_a_profile_without_a_place_for_names_leaves_them_out(provider: Provider) -> None:
    schema = {"type": "object", "properties": {"nick": {"type": "string"}}, "additionalProperties": False}
    provider.site.post("/schemas", {"id": "t", "name": "T", "schema": schema})
    provider.site.put("/pools/p", {"name": "P", "payload_schema_id": "t"})
    made = provider.made(name={"givenName": "Ada"}, **{CUSTOM: {"nick": "a"}})
    assert ("name" in made, made[CUSTOM]) == (False, {"nick": "a"})


def test_a_put_empties_what_it_leaves_out_but_what_the_core_schema_does_not_know(provider: Provider) -> None:
    more = {"additionalIdentifiers": [{"type": "uid", "value": "ada"}], CUSTOM: {"level": 3}, "externalId": "7"}
    made = provider.made(
        name={"givenName": "Ada"}, emails=[{"value": "a@example.com"}], password=GOOD, active=False, **more
    )
    after = provider.does("PUT", f"/Users/{made['id']}", {"userName": "ada@example.com"})
    gone = {"name", "emails", "externalId"}
    assert after == {**{key: made[key] for key in made if key not in gone}, "meta": after["meta"]}
    provider.patched(made["id"], {"op": "replace", "path": "active", "value": True})
    assert provider.signs_in("ada")


def test_what_scim_does_not_show_of_a_user_stays(provider: Provider) -> None:
    provider.site.post("/pools/p/groups", {"id": "g", "name": "G"})
    kept = {"metadata": {"tier": "gold"}, "preferences": {"mfa": {"preferred_2fa": "totp"}}}
    provider.site.post("/pools/p/users", {"id": "ada", "status": "new", **kept})
    assert provider.site.ask("PUT", "/pools/p/groups/g/users/ada").status_code == 204
    provider.does("PUT", "/Users/ada", {"userName": "ada", "active": False})
    user = provider.site.get("/pools/p/users/ada")
    assert (user["status"], {key: user[key] for key in kept}) == ("new", kept)
    assert [one["id"] for one in provider.site.get("/pools/p/users/ada/groups")] == ["g"]


@pytest.mark.parametrize(
    ("status", "active", "after"),
    [
        ("new", True, "active"),
        ("new", False, "new"),
        ("active", False, "inactive"),
        ("inactive", True, "active"),
        ("deleted", False, "deleted"),
        ("deleted", True, "active"),
    ],
)
def test_active_is_a_status_and_the_others_are_not(provider: Provider, status: str, active: bool, after: str) -> None:
    provider.site.post("/pools/p/users", {"id": "ada", "status": status})
    assert provider.does("GET", "/Users/ada")["active"] is (status == "active")
    assert provider.patched("ada", {"op": "replace", "path": "active", "value": active})["active"] is active
    assert provider.site.get("/pools/p/users/ada")["status"] == after


def test_nothing_that_is_odd_about_a_user_keeps_it_from_being_suspended(provider: Provider) -> None:
    site = provider.site
    site.put("/pools/p", {"name": "P", "payload_schema_id": "default_metadata"})
    payload: Any = {"first_name": "", "last_name": 7, "x": None, "deep": 1}
    for _ in range(50):
        payload["deep"] = {"a": payload["deep"]}
    address = {"type": "email", "status": "active", "verified": False, "metadata": {"scim": "x", "own": 1}}
    addresses = [{**address, "address": f"a{number}@example.com"} for number in range(1100)]
    body = {"id": "odd", "status": "active", "payload": payload, "verifiable_addresses": addresses}
    before = site.post("/pools/p/users", body)
    for operation in (
        {"op": "replace", "path": "active", "value": False},
        {"op": "replace", "path": "/active", "value": True},
        {"op": "replace", "value": {"active": "False"}},
    ):
        provider.patched("odd", operation)
    after = site.get("/pools/p/users/odd")
    assert after["status"] == "inactive"
    assert after["payload"] == before["payload"]
    assert [one["metadata"] for one in after["verifiable_addresses"]] == [{"scim": "x", "own": 1}] * 1100
    named = provider.patched("odd", {"op": "add", "path": "name.familyName", "value": "L"})
    assert named["name"] == {"familyName": "L"}
    assert site.get("/pools/p/users/odd")["payload"]["first_name"] == ""
    assert len(before["verifiable_addresses"]) == len(named["emails"]) == 1100


def test_a_new_password_is_judged_by_policy_and_history(provider: Provider) -> None:
    policy = {"min_length": 10, "not_used_since": 3}
    provider.site.put("/pools/p", {"name": "P", "password_policy": policy})
    made = provider.made(password=GOOD)
    path = f"/Users/{made['id']}"
    for text in (GOOD, "short"):
        assert provider.refused("PUT", path, {"userName": "ada@example.com", "password": text}) == (400, "invalidValue")
    provider.does("PUT", path, {"userName": "ada@example.com", "password": GOOD + "8"})
    assert provider.signs_in("ada@example.com", GOOD + "8")
    assert provider.refused("PUT", path, {"userName": "ada@example.com", "password": GOOD}) == (400, "invalidValue")
    operation = {"op": "remove", "path": "password"}
    assert provider.refused("PATCH", path, {"Operations": [operation]}) == (400, "mutability")


def test_users_without_a_password_get_their_first_one(provider: Provider) -> None:
    made = provider.made()
    assert not provider.signs_in("ada@example.com")
    provider.patched(made["id"], {"op": "add", "path": "password", "value": GOOD})
    assert provider.signs_in("ada@example.com")


def test_what_others_have_is_a_conflict(provider: Provider) -> None:
    provider.made("ada", externalId="7", emails=[{"value": "a@example.com", "verified": True}])
    eve = provider.made("eve")
    path = f"/Users/{eve['id']}"
    for change in (
        {"userName": "ADA"},
        {"externalId": "7"},
        {"emails": [{"value": "A@example.com", "verified": True}]},
    ):
        assert provider.refused("POST", "/Users", {"userName": "new", **change}) == (409, "uniqueness")
        assert provider.refused("PUT", path, {"userName": "eve", **change}) == (409, "uniqueness")
        assert provider.refused("PATCH", path, {"Operations": [{"op": "add", "value": change}]}) == (409, "uniqueness")
    assert provider.made("new", emails=[{"value": "a@example.com"}])["emails"][0]["verified"] is False


def test_etags_guard_a_user(provider: Provider) -> None:
    made = provider.made()
    path, tag = f"/Users/{made['id']}", made["meta"]["version"]
    assert provider.ask("GET", path).headers["etag"] == tag
    after = provider.ask("PATCH", path, {"Operations": [{"op": "add", "path": "externalId", "value": "7"}]})
    assert after.headers["etag"] == after.json()["meta"]["version"] != tag
    for method, body in (
        ("PUT", {"userName": "x"}),
        ("PATCH", {"Operations": [{"op": "add", "value": {}}]}),
        ("DELETE", None),
    ):
        assert provider.ask(method, path, body, headers={"if-match": tag}).status_code == 412
    same = provider.ask("PUT", path, after.json(), headers={"if-match": after.headers["etag"]})
    assert same.headers["etag"] == after.headers["etag"]
    assert provider.ask("DELETE", path, headers={"if-match": same.headers["etag"]}).status_code == 204


def test_a_user_is_made_once_for_one_idempotency_key(provider: Provider) -> None:
    headers = {"x-idempotency-key": "k" * 32}
    first, second = (provider.ask("POST", "/Users", {"userName": "ada"}, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = provider.ask("POST", "/Users", {"userName": "eve"}, headers=headers)
    assert other.status_code == 422
