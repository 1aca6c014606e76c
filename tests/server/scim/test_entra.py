"""The story of a person as Microsoft Entra ID tells it: words with capitals, conditions in paths, booleans as texts, attributes of
the enterprise extension, and its older forms."""

from __future__ import annotations

from tests.server.scim.provider import CUSTOM, ENTERPRISE, GOOD, USER, Provider

NEW = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "ada",
    "userName": "ada@example.com",
    "active": True,
    "displayName": "Ada Lovelace",
    "title": "Analyst",
    "emails": [{"primary": True, "type": "work", "value": "ada@example.com"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
    "roles": [],
    ENTERPRISE: {"department": "Engines", "employeeNumber": "1815"},
}
WORK = 'emails[type eq "work"].value'


def test_a_person_as_entra_keeps_it(provider: Provider) -> None:
    assert provider.found('externalId eq "6f1b4c1e-1a55-4a6d-8b0e-2d1c8a5a7b10"') == []
    made = provider.does("POST", "/Users", NEW, 201)
    assert provider.found('externalId eq "ada"') == ["ada@example.com"]
    assert provider.does("GET", f"/Users/{made['id']}", excludedAttributes="groups") == made

    after = provider.patched(
        made["id"],
        {"op": "Replace", "path": WORK, "value": "ada@engines.example"},
        {"op": "Replace", "path": "name.familyName", "value": "King"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+44 20 7946 0958"},
        {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "+44 20 7946 0959"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Care"},
        {"op": "Replace", "path": "title", "value": "Countess"},
        {"op": "Add", "path": 'addresses[type eq "work"].streetAddress', "value": "1 Engine Lane"},
        {"op": "Add", "path": f"{CUSTOM}:department", "value": "care"},
    )
    assert after["emails"] == [{"value": "ada@engines.example", "type": "work", "primary": True, "verified": False}]
    assert after["name"] == {"givenName": "Ada", "familyName": "King"}
    assert [(one["type"], one["value"]) for one in after["phoneNumbers"]] == [
        ("mobile", "+442079460958"),
        ("work", "+442079460959"),
    ]
    assert after[CUSTOM] == {"department": "care"}
    assert "title" not in after

    after = provider.patched(
        made["id"], {"op": "Replace", "path": 'phoneNumbers[type eq "work"].value', "value": "+12015550123"}
    )
    assert [one["value"] for one in after["phoneNumbers"]] == ["+442079460958", "+12015550123"]
    after = provider.patched(made["id"], {"op": "Remove", "path": 'phoneNumbers[type eq "mobile"].value'})
    assert [(one["type"], one["value"], one["primary"]) for one in after["phoneNumbers"]] == [
        ("work", "+12015550123", True)
    ]

    assert provider.patched(made["id"], {"op": "Replace", "path": "active", "value": "False"})["active"] is False
    assert provider.patched(made["id"], {"op": "Replace", "path": "active", "value": "True"})["active"] is True
    assert provider.does("DELETE", f"/Users/{made['id']}", status=204) is None
    assert provider.refused("GET", f"/Users/{made['id']}") == (404, "")
    assert provider.refused("DELETE", f"/Users/{made['id']}") == (404, "")


def test_older_forms_of_entra_are_understood(provider: Provider) -> None:
    made = provider.does("POST", "/Users", NEW, 201)
    after = provider.patched(
        made["id"],
        {"op": "Replace", "path": "userName", "value": [{"$ref": None, "value": "ada.king"}]},
        {"op": "Replace", "path": "displayName", "value": [{"$ref": None, "value": "Ada King"}]},
        {"op": "Add", "value": {"name.familyName": "King", f"{ENTERPRISE}:department": "Care", f"{CUSTOM}:level": 3}},
    )
    assert (after["userName"], after["name"]["familyName"], after[CUSTOM]) == ("ada.king", "King", {"level": 3})


def test_a_suspended_person_is_out_at_once(provider: Provider) -> None:
    made = provider.does("POST", "/Users", {**NEW, "password": GOOD}, 201)
    assert provider.signs_in("ada@example.com")
    provider.patched(made["id"], {"op": "Replace", "path": "active", "value": "False"})
    assert not provider.signs_in("ada@example.com")
