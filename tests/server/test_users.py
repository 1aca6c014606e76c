"""Users, groups and everything a user has, as programs and administrators see them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.site import Asked

POOL = "/pools/p"
USERS = f"{POOL}/users"
ADA: dict[str, Any] = {
    "id": "ada",
    "status": "active",
    "payload": {"first_name": "Ada"},
    "metadata": {"tier": "gold", "tags": ["a", "b"]},
    "identifiers": [{"identifier": "Ada@example.com", "type": "email"}, {"identifier": "ada", "type": "uid"}],
    "verifiable_addresses": [{"address": "Ada@example.com", "type": "email", "status": "active", "verified": True}],
    "credentials": [{"type": "password", "password": "correct horse 9", "must_be_changed": True}],
}


@pytest.fixture
def site() -> Iterator[Asked]:
    with Asked() as asked:
        asked.post("/pools", {"id": "p", "name": "P", "identifier_case_insensitive": True})
        yield asked


def test_a_user_is_shown_with_its_records_and_blurred_credentials(site: Asked) -> None:
    made = site.post(USERS, ADA)
    assert site.get(f"{USERS}/ada") == made
    assert [one["identifier"] for one in made["identifiers"]] == ["Ada@example.com", "ada"]
    assert made["identifiers"][0]["identifier_lc"] == "ada@example.com"
    assert made["verifiable_addresses"][0]["verified"] is True
    (credential,) = made["credentials"]
    assert (credential["type"], credential["state"]) == ("password", "must_be_changed")
    assert credential["payload"] == {"hashed_password": "###"}
    assert made["user_pool_id"] == "p"
    assert made["payload_schema_id"] == "default_payload"


def test_listed_users_have_identifiers_as_texts(site: Asked) -> None:
    site.post(USERS, ADA)
    (one,) = site.get(USERS)["users"]
    assert one["identifiers"] == ["Ada@example.com", "ada"]
    assert one["identifiers_with_details"][1] == {"type": "uid", "value": "ada"}
    assert one["addresses"] == [{"address": "Ada@example.com", "verified": True}]
    assert one["verified addresses"] == ["Ada@example.com"]
    assert "credentials" not in one


def test_zero_values_make_an_empty_record(site: Asked) -> None:
    zero = {
        "id": "",
        "status": "",
        "identifiers": None,
        "credentials": None,
        "verifiable_addresses": None,
        "payload": None,
        "created_at": "0001-01-01T00:00:00.000Z",
        "tenant_id": "",
        "user_pool_id": "",
    }
    made = site.post(USERS, zero)
    assert made["status"] == "new"
    assert made["identifiers"] == made["credentials"] == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"payload": {"first_name": ""}}, 422),
        ({"payload": "text"}, 422),
        ({"status": "asleep"}, 422),
        ({"identifiers": [{"identifier": "x y", "type": "uid"}]}, 422),
        ({"identifiers": [{"identifier": "x", "type": "nickname"}]}, 422),
        ({"identifiers": {"email": "x"}}, 422),
        ({"credentials": [{"type": "password"}]}, 422),
        ({"credentials": [{"type": "pin", "pin": "1234"}]}, 422),
        ({"payload_schema_id": "nowhere"}, 404),
        ({"id": "with/slash"}, 422),
    ],
)
def test_a_user_that_can_not_be_is_refused(site: Asked, change: dict[str, Any], status: int) -> None:
    answer = site.ask("POST", USERS, {**ADA, **change})
    assert answer.status_code == status
    assert site.get(USERS) == {"users": []}


def test_a_weak_password_is_refused_and_not_repeated(site: Asked) -> None:
    site.put(POOL, {"name": "P", "password_policy": {"min_length": 12}})
    answer = site.ask("POST", USERS, {"status": "active", "credentials": [{"type": "password", "password": "sesame"}]})
    assert answer.status_code == 422
    assert "sesame" not in answer.text


def test_what_is_taken_is_a_conflict(site: Asked) -> None:
    site.post(USERS, ADA)
    assert site.ask("POST", USERS, {"id": "ada", "status": "new"}).status_code == 409
    other = {"status": "new", "identifiers": [{"identifier": "ADA", "type": "external"}]}
    assert site.ask("POST", USERS, other).status_code == 409


def test_a_put_leaves_what_it_does_not_name(site: Asked) -> None:
    site.post(USERS, ADA)
    after = site.put(f"{USERS}/ada", {"payload": {"last_name": "L"}, "status": "", "metadata": None})
    assert after["payload"] == {"last_name": "L"}
    assert after["metadata"] == ADA["metadata"]
    assert after["status"] == "active"
    assert len(after["identifiers"]) == 2


def test_single_keys_are_patched_in_both_forms(site: Asked) -> None:
    site.post(USERS, ADA)
    after = site.ask("PATCH", f"{USERS}/ada", {"metadata": {"tier": None, "vip": True}}, rfc_version="7396").json()
    assert after["metadata"] == {"tags": ["a", "b"], "vip": True}
    operations = [{"op": "test", "path": "/metadata/vip", "value": True}, {"op": "remove", "path": "/metadata"}]
    assert "metadata" not in site.ask("PATCH", f"{USERS}/ada", operations, rfc_version="6902").json()
    for refused, status in (
        ([{"op": "remove", "path": "/nothing"}], 422),
        ([{"op": "add", "path": "/identifiers", "value": []}], 422),
        ([{"op": "remove", "path": "/status"}], 422),
        ("text", 400),
    ):
        assert site.ask("PATCH", f"{USERS}/ada", refused).status_code == status
    assert site.ask("PATCH", f"{USERS}/ada", {}, rfc_version="1").status_code == 400


def test_every_change_of_a_user_moves_its_etag(site: Asked) -> None:
    site.post("/pools/p/groups", {"id": "g", "name": "G"})
    tags = [site.ask("POST", USERS, ADA).headers["etag"]]
    for method, path, body in (
        ("PATCH", "", {"payload": {"name": "x"}}),
        ("POST", "/identifiers/add", {"identifier": "new", "type": "uid"}),
        ("POST", "/addresses/add", {"address": "new@example.com", "type": "email", "verified": False}),
        ("PUT", "/password/state", {"state": "must_be_reset"}),
    ):
        answer = site.ask(method, f"{USERS}/ada{path}", body)
        assert answer.status_code in (200, 204), answer.text
        tags.append(site.ask("GET", f"{USERS}/ada").headers["etag"])
        assert tags[-1] != tags[-2]
        stale = site.ask("PUT", f"{USERS}/ada", {"status": "inactive"}, headers={"if-match": tags[-2]})
        assert stale.status_code == 412


def test_a_user_is_found_by_identifier_or_verified_address(site: Asked) -> None:
    site.post(USERS, ADA)
    for body in ({"identifier": "ADA"}, {"address": "ada@example.com"}):
        answer = site.ask("POST", f"{USERS}/by_key", body)
        assert answer.json()["id"] == "ada"
        assert answer.headers["etag"]
    for body in (
        {"identifier": "x"},
        {"address": "x@example.com"},
        {"identifier": "ada", "address": "ada@example.com"},
        {},
    ):
        assert site.ask("POST", f"{USERS}/by_key", body).status_code == 404


def test_users_are_listed_by_id_in_pages_forwards_and_backwards(site: Asked) -> None:
    for number in range(30):
        site.post(USERS, {"id": f"u{number:02}", "status": "new"})

    def ids(**query: Any) -> list[str]:
        return [user["id"] for user in site.get(USERS, **query)["users"]]

    assert ids() == [f"u{number:02}" for number in range(20)]
    assert ids(after_user_id="u19") == [f"u{number:02}" for number in range(20, 30)]
    assert ids(before_user_id="u05", limit=2) == ["u03", "u04"]
    assert ids(after_user_id="u195", limit=1) == ["u20"]


def test_users_are_searched_by_key_and_by_attributes(site: Asked) -> None:
    site.post(USERS, ADA)
    site.post(
        USERS,
        {
            "id": "bob",
            "status": "new",
            "payload": {"name": "Bob"},
            "identifiers": [{"identifier": "b_b", "type": "uid"}],
        },
    )

    def ids(query: Any) -> list[str]:
        return [user["id"] for user in site.get(USERS, query=json.dumps(query))["users"]]

    assert ids({"user_key": "ada@"}) == ["ada"]
    assert ids({"user_key": "EXAMPLE.COM"}) == ["ada"]
    assert ids({"user_key": "bob"}) == ["bob"]
    assert ids({"user_key": "b%"}) == ids({"user_key": "xample"}) == []
    assert ids({"metadata": {"tags": "a"}}) == ["ada"]
    assert ids({"metadata": {"tags": "c"}}) == []
    assert ids({"payload": {"name": "Bob"}, "user_key": "b_b"}) == ["bob"]
    for wrong in ("x", "[]", '{"payload": 1}', '{"user_key": 1}'):
        assert site.ask("GET", USERS, query=wrong).status_code == 400


def test_identifiers_are_added_and_removed_by_their_value(site: Asked) -> None:
    site.post(USERS, ADA)
    path = f"{USERS}/ada/identifiers"
    made = site.post(f"{path}/add", {"identifier": "+48123456789", "type": "mobile", "metadata": None}, 200)
    assert (made["type"], made["user_id"]) == ("mobile", "ada")
    assert site.ask("POST", f"{path}/add", {"identifier": "+48123456789", "type": "external"}).status_code == 409
    assert site.ask("POST", f"{path}/add", {"identifier": "x"}).status_code == 422
    site.post(f"{path}/remove", {"identifier": "ADA"}, 204)
    assert site.ask("POST", f"{path}/remove", {"identifier": "ADA"}).status_code == 404
    assert [one["identifier"] for one in site.get(f"{USERS}/ada")["identifiers"]] == ["Ada@example.com", "+48123456789"]


def test_addresses_are_added_changed_and_removed(site: Asked) -> None:
    site.post(USERS, ADA)
    path = f"{USERS}/ada/addresses"
    made = site.post(f"{path}/add", {"address": "+48123456789", "type": "mobile", "verified": False}, 200)
    assert (made["verified"], made["status"]) == (False, "active")
    assert site.ask("POST", f"{path}/add", {"address": "+48123456789", "type": "mobile"}).status_code == 409
    change = {"address": "+48123456789", "status": "inactive", "verified": True, "preferred_contact_method": "voice"}
    after = site.post(f"{path}/update", change, 200)
    assert (after["verified"], after["status"], after["preferred_contact_method"]) == (True, "inactive", "voice")
    site.post(USERS, {"id": "bob", "status": "new"})
    taken = {"address": "+48123456789", "type": "mobile", "verified": True}
    assert site.ask("POST", f"{USERS}/bob/addresses/add", taken).status_code == 409
    site.post(f"{path}/remove", {"address": "+48123456789"}, 204)
    assert site.ask("POST", f"{path}/update", change).status_code == 404


def test_the_state_of_a_password_is_set_where_there_is_one(site: Asked) -> None:
    site.post(USERS, ADA)
    site.put(f"{USERS}/ada/password/state", {"state": "valid"}, 204)
    assert site.get(f"{USERS}/ada")["credentials"][0]["state"] == "valid"
    assert site.ask("PUT", f"{USERS}/ada/password/state", {"state": "good"}).status_code == 422
    site.post(USERS, {"id": "bob", "status": "new"})
    assert site.ask("PUT", f"{USERS}/bob/password/state", {"state": "valid"}).status_code == 404


def test_administrators_write_one_map_of_metadata(site: Asked) -> None:
    site.post(USERS, ADA)
    path = "/admin/pools/p/users/ada/metadata"
    assert site.get(f"{path}/admin") == {"metadata": ADA["metadata"], "schema_id": "default_metadata"}
    assert site.put(f"{path}/business", {"metadata": {"x": 1}}) == {"metadata": {"x": 1}}
    assert site.get(f"{USERS}/ada")["business_metadata"] == {"x": 1}
    assert site.ask("GET", f"{path}/other").status_code == 400
    assert site.ask("PUT", f"{path}/admin", {}).status_code == 422


def test_groups_are_nested_named_and_listed_level_by_level(site: Asked) -> None:
    groups = f"{POOL}/groups"
    for id, name, parent in (("s", "Staff", ""), ("h", "Help", "s"), ("n", "Night", "h"), ("a", "Admins", "")):
        site.post(groups, {"id": id, "name": name, "parent_id": parent, "tenant_id": "", "user_pool_id": "p"})

    def ids(**query: Any) -> list[str]:
        return [group["id"] for group in site.get(groups, **query)]

    assert ids() == ["a", "s"]
    assert ids(parent_id="s") == ["h"]
    assert ids(parent_id="s", with_nested_groups="true") == ["h", "n"]
    assert ids(with_nested_groups="true") == ["a", "h", "n", "s"]
    assert ids(with_nested_groups="true", limit=2, after_group_id="h") == ["n", "s"]
    assert ids(with_nested_groups="true", query='{"name": "HT"}') == ["n"]
    changed = site.put(f"{groups}/n", {"name": "Night", "description": "Late"})
    assert (changed["parent_id"], changed["description"]) == ("h", "Late")
    assert "parent_id" not in site.put(f"{groups}/n", {"name": "Night", "parent_id": ""})
    assert site.ask("POST", groups, {"name": "Staff"}).status_code == 409
    assert site.ask("DELETE", f"{groups}/s").status_code == 409
    assert site.ask("DELETE", f"{groups}/n").status_code == 204


def test_memberships_come_and_go(site: Asked) -> None:
    groups = f"{POOL}/groups"
    site.post(groups, {"id": "s", "name": "Staff"})
    site.post(groups, {"id": "h", "name": "Help", "parent_id": "s"})
    site.post(USERS, ADA)
    for _ in range(2):
        site.put(f"{groups}/h/users/ada", None, 204)
    assert [group["id"] for group in site.get(f"{USERS}/ada/groups")] == ["h"]
    assert [group["id"] for group in site.get(f"{USERS}/ada/groups", with_parent_groups="true")] == ["h", "s"]
    assert [user["id"] for user in site.get(f"{groups}/h/users")["users"]] == ["ada"]
    assert site.get(f"{groups}/s/users") == {"users": []}
    assert len(site.get(f"{groups}/s/users", with_nested_groups="true")["users"]) == 1
    assert site.ask("GET", f"{USERS}/ada/groups/h").status_code == 204
    assert site.ask("GET", f"{USERS}/ada/groups/s").status_code == 404
    assert site.ask("GET", f"{USERS}/ada/groups/s", with_nested_groups="true").status_code == 204
    assert site.ask("DELETE", f"{groups}/h/users/ada").status_code == 204
    assert site.ask("DELETE", f"{groups}/h/users/ada").status_code == 404
    assert site.ask("PUT", f"{groups}/h/users/nobody").status_code == 404


def test_nothing_of_one_pool_is_reached_through_another(site: Asked) -> None:
    site.post("/pools", {"id": "q", "name": "Q"})
    site.post(USERS, ADA)
    site.post(f"{POOL}/groups", {"id": "g", "name": "G"})
    for method, path, body in (
        ("GET", "/users/ada", None),
        ("PUT", "/users/ada", {"status": "inactive"}),
        ("PATCH", "/users/ada", {"status": "inactive"}),
        ("DELETE", "/users/ada", None),
        ("POST", "/users/by_key", {"identifier": "ada"}),
        ("POST", "/users/ada/identifiers/add", {"identifier": "x", "type": "uid"}),
        ("POST", "/users/ada/addresses/remove", {"address": "ada@example.com"}),
        ("PUT", "/users/ada/password/state", {"state": "valid"}),
        ("GET", "/users/ada/groups", None),
        ("GET", "/groups/g", None),
        ("DELETE", "/groups/g", None),
        ("PUT", "/groups/g/users/ada", None),
    ):
        assert site.ask(method, f"/pools/q{path}", body).status_code == 404, (method, path)
    assert site.get(USERS)["users"][0]["status"] == "active"


def test_a_user_is_deleted_for_good(site: Asked) -> None:
    site.post(USERS, ADA)
    assert site.ask("DELETE", f"{USERS}/ada").status_code == 204
    assert site.ask("DELETE", f"{USERS}/ada").status_code == 404
    site.post(USERS, ADA)
