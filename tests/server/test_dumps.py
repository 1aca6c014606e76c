"""Whole tenants as documents: the identity dump, and the trees that the vendor's command-line tool pulls and pushes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pool_as_code.core.values import parse_json
from pool_as_code.directory.hashing import TEST_PARAMETERS, hash_password
from tests.server.site import Asked

TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
HUB = "/api/hub/default/promote"


def a_dump(**credential: Any) -> dict[str, Any]:
    about = {"tenant_id": "acme", "user_pool_id": "p", **TIMES}
    hashed = hash_password("correct horse 9", "bcrypt", TEST_PARAMETERS).to_json()
    return {
        "schemas": [{"id": "s", "tenant_id": "acme", "name": "S", "schema": {"type": "object"}}],
        "pools": [{"id": "p", "tenant_id": "acme", "name": "P", "payload_schema_id": "s"}],
        "groups": [
            {"id": "g2", "user_pool_id": "p", "name": "Night", "path": "g1/g2"},
            {"id": "g1", "user_pool_id": "p", "name": "Staff", "path": "g1"},
        ],
        "users": [{"id": "ada", "status": "active", "payload": {"x": 1}, **about}],
        "user_identifiers": [
            {"id": "i1", "user_id": "ada", "identifier": "ada", "identifier_lc": "ada", "type": "uid", **about}
        ],
        "user_verifiable_addresses": [
            {
                "id": "a1",
                "user_id": "ada",
                "address": "a@example.com",
                "address_lc": "a@example.com",
                "type": "email",
                "status": "active",
                "verified": True,
                **about,
            }
        ],
        "user_credentials": [
            {
                "id": "c1",
                "user_id": "ada",
                "type": "password",
                "state": "valid",
                "payload": {"hashed_password": hashed},
                **about,
                **credential,
            }
        ],
        "group_members": [{"group_id": "g2", "user_id": "ada", "tenant_id": "acme", "user_pool_id": "p"}],
    }


@pytest.fixture
def empty() -> Iterator[Asked]:
    with Asked() as asked:
        yield asked


def result(site: Asked, password: str = "correct horse 9") -> str:
    body = {"identifier": "ada", "password": password}
    return str(site.post("/pools/p/user/password/v2/verify", body, 200)["result"])


def test_an_imported_user_signs_in_with_the_password_it_had(site: Asked) -> None:
    for _ in range(2):
        site.put("/configuration", a_dump(), 204, mode="update")
        assert result(site) == "password_correct"
    user = site.get("/pools/p/users/ada")
    assert [one["identifier"] for one in user["identifiers"]] == ["ada"]
    assert [group["id"] for group in site.get("/pools/p/users/ada/groups", with_parent_groups="true")] == ["g2", "g1"]


def test_an_import_that_changes_nothing_moves_no_etag(site: Asked) -> None:
    dump = a_dump()
    site.put("/configuration", dump, 204)
    before = site.ask("GET", "/pools/p/users/ada").headers["etag"]
    site.put("/configuration", dump, 204)
    assert site.ask("GET", "/pools/p/users/ada").headers["etag"] == before


@pytest.mark.parametrize(
    ("credential", "expected"),
    [
        ({"expires_at": "1900-01-01T00:00:00Z"}, "password_correct"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "password_expired"),
        ({"state": "must_be_reset"}, "password_expired"),
    ],
)
def test_states_and_expiry_are_those_of_the_dump(site: Asked, credential: dict[str, Any], expected: str) -> None:
    site.put("/configuration", a_dump(**credential), 204)
    assert result(site) == expected
    site.put("/configuration", a_dump(**credential), 204)


def test_what_is_exported_is_imported_elsewhere_as_it_was(site: Asked, empty: Asked) -> None:
    site.put("/configuration", a_dump(), 204)
    dump = site.get("/configuration")
    empty.put("/configuration", dump, 204)
    assert result(empty) == "password_correct"
    again = empty.get("/configuration")
    volatile = {"created_at", "updated_at", "verified_at"}

    def still(found: Any) -> Any:
        if isinstance(found, dict):
            return {key: still(value) for key, value in found.items() if key not in volatile}
        return [still(one) for one in found] if isinstance(found, list) else found

    assert still(again) == still(dump)


def test_a_dump_that_can_not_be_taken_leaves_nothing(site: Asked) -> None:
    for change, status in (
        ({"users": [{"id": "bob", "user_pool_id": "nowhere", "status": "active"}]}, 404),
        ({"users": [{"id": "bob", "user_pool_id": "p", "status": "asleep"}]}, 422),
        ({"users": {}}, 422),
        (
            {"user_credentials": [{"user_id": "ada", "type": "password", "payload": {"hashed_password": "$scrypt$x"}}]},
            422,
        ),
        ({"user_identifiers": [{"identifier": "x", "type": "uid"}]}, 422),
    ):
        site.put("/configuration", {**a_dump(), **change}, status)
        assert site.get("/pools") == {"pools": []}


def test_the_mode_says_what_becomes_of_what_is_there(site: Asked) -> None:
    site.put("/configuration", a_dump(), 204)
    changed = a_dump()
    changed["pools"][0]["name"] = "Q"
    site.put("/configuration", changed, 409, mode="fail")
    site.put("/configuration", changed, 204, mode="ignore")
    assert site.get("/pools/p")["name"] == "P"
    site.put("/configuration", changed, 204)
    assert site.get("/pools/p")["name"] == "Q"
    site.put("/configuration", changed, 400, mode="perhaps")


def test_records_of_a_user_who_is_there_are_added(site: Asked) -> None:
    site.put("/configuration", a_dump(), 204)
    more = {"user_identifiers": [{"id": "i2", "user_id": "ada", "identifier": "ada@example.com", "type": "email"}]}
    site.put("/configuration", more, 204)
    assert len(site.get("/pools/p/users/ada")["identifiers"]) == 2
    assert result(site) == "password_correct"


def test_a_dump_is_changed_by_operations(site: Asked) -> None:
    site.put("/configuration", a_dump(), 204)
    operations = [{"op": "replace", "path": "/pools/0/name", "value": "Q"}, {"op": "remove", "path": "/users/0"}]
    answer = site.ask("PATCH", "/configuration", operations)
    assert answer.status_code == 204
    assert site.get("/pools/p")["name"] == "Q"
    assert site.get("/pools/p/users") == {"users": []}


def test_exports_and_imports_need_scopes_of_their_own(site: Asked) -> None:
    few = {"authorization": f"Bearer {site.token(scope='identity')}"}
    reading = {"authorization": f"Bearer {site.token(scope='read_configuration')}"}
    assert site.ask("GET", "/configuration", headers=few).status_code == 403
    assert site.ask("GET", "/configuration", headers=reading).status_code == 200
    assert site.ask("PUT", "/configuration", {}, headers=reading).status_code == 403
    assert site.ask("GET", f"{HUB}/config", headers=few).status_code == 403


def test_a_tree_has_ids_as_keys_and_goes_back_as_it_came(site: Asked, empty: Asked) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    site.put("/configuration", a_dump(), 204)
    site.post("/admin/workspace/shop/pools", {"id": "q", "name": "Q"}, with_idp="true")
    tree = site.get(f"{HUB}/config", with_credentials="false")
    assert set(tree["pools"]) == {"p"}
    assert set(tree["servers"]["shop"]["pools"]) == {"q"}
    assert not {"id", "tenant_id"} & set(tree["pools"]["p"])
    (link,) = tree["servers"]["shop"]["idps"].values()
    assert link["identity_pool_id"] == "q"
    answer = empty.ask("POST", f"{HUB}/config", tree, mode="update")
    assert answer.status_code == 204, answer.text
    assert empty.get("/pools/q")["workspace_id"] == "shop"
    again = empty.get(f"{HUB}/config")
    assert again["pools"] == tree["pools"]
    assert again["servers"]["shop"]["pools"] == tree["servers"]["shop"]["pools"]
    assert site.ask("POST", f"{HUB}/config", tree, mode="fail").status_code == 409


def test_a_merge_patch_changes_what_it_names_and_null_deletes(site: Asked) -> None:
    site.put("/configuration", a_dump(), 204)
    site.put(
        "/pools/p",
        {
            "name": "P",
            "description": "d",
            "webauthn_settings": {"rp_id": "x.example", "rp_origins": ["https://x.example"]},
        },
    )
    zero = {"mfa_session_ttl": "0s", "second_factor_threshold": 0, "public_registration_allowed": True}
    url = f"{HUB}/config-rfc7396"
    assert site.ask("PATCH", url, {"pools": {"p": zero, "new": {"name": "New"}}}, mode="update").status_code == 204
    pool = site.get("/pools/p")
    assert (pool["public_registration_allowed"], pool["description"]) == (True, "d")
    assert pool["webauthn_settings"] == {"rp_id": "x.example", "rp_origins": ["https://x.example"]}
    assert site.get("/pools/new")["name"] == "New"
    assert site.ask("PATCH", url, {"pools": {"new": None}}, dry_run="true").status_code == 204
    assert site.get("/pools/new")["name"] == "New"
    assert site.ask("PATCH", url, {"pools": {"new": None}}).status_code == 204
    assert site.ask("GET", "/pools/new").status_code == 404
    assert site.ask("PATCH", url, {"pools": []}).status_code == 422
    assert site.ask("PATCH", url, []).status_code == 400


def test_operations_change_the_tree_of_one_workspace(site: Asked) -> None:
    site.post("/api/admin/default/servers", {"id": "shop", "name": "Shop"})
    url = "/api/hub/default/workspaces/shop/promote"
    operations = [{"op": "add", "path": "/pools/new", "value": {"name": "New"}}]
    assert site.ask("PATCH", f"{url}/config-rfc6902", operations, mode="update").status_code == 204
    assert site.get(f"{url}/config")["pools"]["new"]["name"] == "New"
    assert site.get("/pools/new")["workspace_id"] == "shop"
    assert site.ask("GET", "/api/hub/default/workspaces/x/promote/config").status_code == 404


def test_a_tree_takes_work_for_each_server_and_not_for_each_pair_of_them(
    site: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    def counting(text: str) -> Any:
        nonlocal read
        read += 1
        return parse_json(text)

    def work(count: int) -> int:
        nonlocal read
        servers = {f"s{n}": {"name": f"S{n}", "pools": {f"p{n}": {"name": f"P{n}"}}} for n in range(count)}
        assert site.ask("POST", f"{HUB}/config", {"servers": servers}, mode="ignore").status_code == 204
        read = 0
        tree = site.get(f"{HUB}/config")
        assert [list(one["pools"]) for one in tree["servers"].values()] == [[f"p{n}"] for n in range(count)]
        assert all(len(one["idps"]) == 1 for one in tree["servers"].values())
        return read

    monkeypatch.setattr("pool_as_code.directory.rows.parse_json", counting)
    few = work(4)
    assert 0 < work(8) <= 2 * few
