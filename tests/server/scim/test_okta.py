"""The story of a person as Okta tells it: looked for, made, read, replaced, suspended by a PATCH without a path, let in again with
a new password; and what it imports."""

from __future__ import annotations

from tests.server.scim.provider import GOOD, PATCH, USER, Provider

NEW = {
    "schemas": [USER],
    "userName": "ada@example.com",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"primary": True, "value": "ada@example.com", "type": "work"}],
    "displayName": "Ada Lovelace",
    "locale": "en-GB",
    "externalId": "00u8a1b2c3d4E5f6G7h8",
    "groups": [],
    "password": GOOD,
    "active": True,
}


def test_a_person_as_okta_keeps_it(provider: Provider) -> None:
    assert provider.does("GET", "/Users", startIndex=1, count=2)["totalResults"] == 0
    assert provider.found('userName eq "ada@example.com"') == []

    answer = provider.ask("POST", "/Users", NEW)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == made["meta"]["location"]
    assert made["meta"]["location"].endswith(f"/pools/p/scim/v2/Users/{made['id']}")
    assert {key: made[key] for key in ("userName", "externalId", "name", "active")} == {
        key: NEW[key] for key in ("userName", "externalId", "name", "active")
    }
    assert made["emails"] == [{"value": "ada@example.com", "type": "work", "primary": True, "verified": False}]
    assert "password" not in made
    assert provider.signs_in("ada@example.com")
    assert provider.ask("POST", "/Users", NEW).json()["scimType"] == "uniqueness"

    read = provider.does("GET", f"/Users/{made['id']}")
    assert read == made
    new_name = {**read, "name": {"givenName": "Ada", "familyName": "King"}, "groups": []}
    replaced = provider.does("PUT", f"/Users/{made['id']}", new_name)
    assert replaced["name"]["familyName"] == "King"
    assert {key: replaced[key] for key in read if key not in ("name", "meta")} == {
        key: read[key] for key in read if key not in ("name", "meta")
    }
    assert provider.signs_in("ada@example.com")

    suspended = provider.patched(made["id"], {"op": "replace", "value": {"active": False}})
    assert suspended["active"] is False
    assert not provider.signs_in("ada@example.com")
    assert provider.found('userName eq "ADA@example.com"') == ["ada@example.com"]

    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": True, "password": GOOD + "8"}}]}
    answer = provider.ask("PATCH", f"/Users/{made['id']}", body)
    assert answer.json()["active"] is True
    assert GOOD not in answer.text
    assert not provider.signs_in("ada@example.com")
    assert provider.signs_in("ada@example.com", GOOD + "8")


def test_the_pool_sees_what_okta_made(provider: Provider) -> None:
    made = provider.does("POST", "/Users", NEW, 201)
    user = provider.site.get(f"/pools/p/users/{made['id']}")
    assert user["status"] == "active"
    assert user["payload"] == {"first_name": "Ada", "last_name": "Lovelace"}
    assert [(one["type"], one["identifier"]) for one in user["identifiers"]] == [
        ("email", "ada@example.com"),
        ("external", "00u8a1b2c3d4E5f6G7h8"),
    ]
    (address,) = user["verifiable_addresses"]
    assert (address["address"], address["verified"], "metadata" in address) == ("ada@example.com", False, False)


def test_everybody_is_imported_page_by_page(provider: Provider) -> None:
    for number in range(7):
        provider.made(f"user{number}", name={"givenName": f"N{number}"})
    seen: list[str] = []
    start, total = 1, 1
    while start <= total:
        page = provider.does("GET", "/Users", startIndex=start, count=3)
        total, start = page["totalResults"], start + page["itemsPerPage"]
        seen += [one["userName"] for one in page["Resources"]]
    assert sorted(seen) == [f"user{number}" for number in range(7)]
    assert provider.refused("GET", "/Groups", startIndex=1, count=100) == (404, "")
