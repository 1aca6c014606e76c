"""Loading a dump into a directory of our own: as it is, owned by nobody, all or nothing, twice the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from pool_as_code.app.loading import LoadReport, load_dump
from pool_as_code.app.pulling import pull, write_pulled
from pool_as_code.app.request import Request
from pool_as_code.core.errors import InvalidInput
from pool_as_code.directory import credentials
from pool_as_code.plan.model import Action
from pool_as_code.resources.live import Observed
from pool_as_code.stores.base import FieldWrite, Handle, Scope
from pool_as_code.stores.sqlite import SqliteStore
from tests.house import House, open_cheap, summary

PASSWORD = "correct horse battery staple"
BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
HASH = {"value": BCRYPT, "config": {"method": "bcrypt", "bcrypt": {"cost": 4}}}


pytestmark = pytest.mark.usefixtures("cheap_hashing")


def a_dump(**tables: Any) -> dict[str, Any]:
    user = {"user_pool_id": "shop", "payload_schema_id": "profile"}
    return {
        "schemas": [{"id": "profile", "name": "Profile", "schema": {"type": "object", "required": ["name"]}}],
        "pools": [
            {
                "id": "shop",
                "name": "Shop",
                "workspace_id": "web",
                "payload_schema_id": "profile",
                "metadata_schema_id": "metadata_v0",
                "password_settings": {"expires_after": "24h0m0s", "hashing_method": "bcrypt"},
            }
        ],
        "groups": [
            {"id": "g2", "user_pool_id": "shop", "name": "Support", "path": "g1/g2"},
            {"id": "g1", "user_pool_id": "shop", "name": "Staff", "path": "g1"},
        ],
        "users": [
            {**user, "id": "u1", "status": "active", "payload": {"name": "Ada"}},
            {**user, "id": "u2", "status": "inactive", "user_type": "jit", "payload": {"name": "Bob"}},
            {**user, "id": "u3", "status": "new"},
        ],
        "user_identifiers": [{"user_id": "u1", "identifier": "Ada", "type": "uid"}],
        "user_verifiable_addresses": [
            {"user_id": "u1", "address": "ada@example.com", "type": "email", "status": "active", "verified": True}
        ],
        "user_credentials": [
            {
                "user_id": "u1",
                "type": "password",
                "payload": {"hashed_password": HASH},
                "expires_at": "1900-01-01T00:00:00Z",
                "updated_at": "2020-02-19T13:06:57.052165Z",
            },
            {
                "user_id": "u2",
                "type": "password",
                "state": "must_be_changed",
                "payload": {"hashed_password": BCRYPT},
                "expires_at": "2021-01-01T00:00:00Z",
            },
        ],
        "group_members": [{"group_id": "g2", "user_id": "u1"}],
        **tables,
    }


class Here:
    """A folder with a dump and a directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.request = Request(cwd=folder, store="sqlite:///own.db")

    def load(self, dump: dict[str, Any]) -> LoadReport:
        (self.folder / "dump.json").write_text(json.dumps(dump))
        return load_dump(self.request, "dump.json", self.told.append)

    def store(self) -> SqliteStore:
        return open_cheap("sqlite:///own.db", read_only=False, root=self.folder, environ={})

    def live(self, kind: str) -> dict[str, Observed]:
        store = self.store()
        found = {o.id: o for o in store.read(Scope(kind, everything=True)) if not o.metadata.get("system")}
        store.close()
        return found


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


def codes(report: LoadReport) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in report.diagnostics:
        found.setdefault(item.code, []).append(f"{item.address} {item.summary}".strip())
    return found


def test_a_dump_is_loaded_as_it_is_and_owned_by_nobody(here: Here) -> None:
    report = here.load(a_dump())
    assert report.counts == {"workspace": 1, "schema": 1, "pool": 1, "group": 2, "user": 3}
    users = here.live("user")
    assert users["u1"].spec == {
        "status": "active",
        "userType": "standard",
        "identifiers": [{"uid": "Ada"}],
        "addresses": [{"email": "ada@example.com", "verified": True}],
        "profile": {"name": "Ada"},
        "groups": ["g2"],
    }
    assert (users["u2"].spec["status"], users["u2"].spec["userType"]) == ("inactive", "jit")
    assert here.live("group")["g2"].metadata == {"parent": "g1"}
    assert here.live("pool")["shop"].metadata == {"workspace": "web"}
    assert {o.owner for kind in ("pool", "schema", "group", "user") for o in here.live(kind).values()} == {None}


def test_a_loaded_user_signs_in_with_the_password_of_before(here: Here) -> None:
    here.load(a_dump())
    store = here.store()
    assert store.verify_password("shop", PASSWORD, user_id="u1").result == "password_correct"
    assert store.verify_password("shop", "another", user_id="u1").result != "password_correct"
    store.close()
    assert PASSWORD.encode() not in (here.folder / "own.db").read_bytes()


def test_states_and_times_of_passwords_are_those_of_the_dump(here: Here) -> None:
    here.load(a_dump())
    store = here.store()
    first = credentials.find(store.directory.db, "u1", "password")
    second = credentials.find(store.directory.db, "u2", "password")
    store.close()
    assert first is not None
    assert second is not None
    assert (first.state, first.expires_at, first.updated_at) == ("valid", None, "2020-02-19T13:06:57.052165Z")
    assert (second.state, second.expires_at) == ("must_be_changed", "2021-01-01T00:00:00Z")


def test_a_second_load_changes_nothing(here: Here) -> None:
    here.load(a_dump())
    before = {
        kind: {id: (o.raw, o.revision) for id, o in here.live(kind).items()} for kind in ("pool", "group", "user")
    }
    report = here.load(a_dump())
    assert report.counts == {}
    assert report.unchanged == {"workspace": 1, "schema": 1, "pool": 1, "group": 2, "user": 3}
    assert "PAC514" not in codes(report)
    after = {kind: {id: (o.raw, o.revision) for id, o in here.live(kind).items()} for kind in ("pool", "group", "user")}
    assert after == before


def test_what_differs_is_told_and_left(here: Here) -> None:
    here.load(a_dump())
    store = here.store()
    store.update(Handle("user", "u1", "shop", ""), [FieldWrite(("spec", "profile", "nick"), "A")])
    store.close()
    dump = a_dump()
    dump["pools"][0]["name"] = "Store"
    dump["users"].append({"id": "u4", "user_pool_id": "shop", "status": "new"})
    report = here.load(dump)
    assert report.counts == {"user": 1}
    said = "it is there already and differs from the dump; it was left as it is"
    assert codes(report)["PAC514"] == [f"pool/shop {said}", f"user/shop/u1 {said}"]
    assert here.live("pool")["shop"].spec["displayName"] == "Shop"


def test_nothing_is_loaded_when_the_directory_refuses_one_object(here: Here) -> None:
    dump = a_dump()
    dump["users"][1]["payload"] = {"nick": "secret-nick"}
    with pytest.raises(InvalidInput, match="nothing was loaded") as caught:
        here.load(dump)
    (item,) = caught.value.diagnostics
    assert (item.code, item.address) == ("PAC516", "user/shop/u2")
    assert "secret-nick" not in f"{item.summary} {item.hint}"
    assert here.live("pool") == {}


def test_a_group_that_stands_in_itself_is_refused(here: Here) -> None:
    ring = [{"id": a, "user_pool_id": "shop", "name": a, "parent_id": b} for a, b in (("x", "y"), ("y", "x"))]
    with pytest.raises(InvalidInput, match="nothing was loaded"):
        here.load(a_dump(groups=ring, group_members=[]))


def test_credentials_that_can_not_be_kept_are_counted(here: Here) -> None:
    rows = [
        {"user_id": "u1", "type": "password", "payload": {"hashed_password": "###"}},
        {
            "user_id": "u2",
            "type": "password",
            "payload": {"hashed_password": {"value": "x", "config": {"method": "rot13"}}},
        },
        {"user_id": "u3", "type": "totp", "payload": {"secret": "hush"}},
    ]
    report = here.load(a_dump(user_credentials=rows))
    assert [text.partition(": ")[2] for text in codes(report)["PAC515"]] == [
        "the hash is blurred or missing: 1",
        "the hash's method is not one of bcrypt, pbkdf2, argon2, sha, md5: 1",
        "totp: its form in dumps is not documented: 1",
    ]
    store = here.store()
    assert store.verify_password("shop", PASSWORD, user_id="u1").result != "password_correct"
    store.close()


def test_a_dump_can_not_be_loaded_into_a_dump(here: Here) -> None:
    (here.folder / "dump.json").write_text(json.dumps(a_dump()))
    request = Request(cwd=here.folder, store="dump:dump.json")
    with pytest.raises(InvalidInput) as caught:
        load_dump(request, "dump:dump.json", here.told.append)
    assert [d.code for d in caught.value.diagnostics] == ["PAC513"]


def test_a_loaded_directory_is_pulled_and_adopted_without_a_change_of_a_field(here: Here) -> None:
    here.load(a_dump())
    house = House(here.folder, store="sqlite:///own.db").write([])
    (here.folder / "manifests" / "all.yaml").unlink()
    write_pulled(pull(house.request, (), house.told.append), here.folder / "manifests", False)
    plan = house.plan()
    assert {change.action for change in plan.changes} == {Action.ADOPT}
    assert [change.fields for change in plan.changes if change.fields] == []
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    store = here.store()
    assert store.verify_password("shop", PASSWORD, user_id="u1").result == "password_correct"
    store.close()


def test_secrets_do_not_show_in_a_report(here: Here) -> None:
    report = here.load(a_dump())
    assert BCRYPT not in repr(report) + "".join(here.told)
