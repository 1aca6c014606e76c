"""Pulling: our own tree plans to nothing, a foreign one to adoptions alone, and every pulled file loads."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from pool_as_code.app.pulling import pull, write_pulled
from pool_as_code.app.request import Request
from pool_as_code.core.errors import InvalidInput
from pool_as_code.core.values import JsonMap
from pool_as_code.plan.model import Action
from pool_as_code.resources.live import Owner
from pool_as_code.stores.base import FieldWrite, Handle, Scope
from tests.documents import projects
from tests.house import PROJECT, House, open_cheap, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def pulled(house: House, into: Path, *, project: str = PROJECT, addresses: tuple[str, ...] = ()) -> House:
    """A second project folder with what was pulled from the first one's store."""
    store = f"sqlite:///{house.database}"
    there = dataclasses.replace(house, root=into, project=project, store=store, told=[])
    there.write([])
    (into / "manifests" / "all.yaml").unlink()
    write_pulled(pull(there.request, addresses, there.told.append), into / "manifests", False)
    return there


def disown(house: House) -> None:
    """Make everything in a house's store nobody's."""
    store = open_cheap(f"sqlite:///{house.database}", read_only=False, root=house.root, environ={})
    owner = Owner(house.project, "default")
    store.ledger.drop(owner, list(store.ledger.records(owner)))
    store.close()


def texts(folder: Path) -> Mapping[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


def a(kind: str, name: str, spec: JsonMap | None = None, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "pool-as-code/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec or {}}


SHOP = [
    a("Workspace", "web", {"displayName": "Web"}),
    a("Schema", "profile", {"displayName": "Profile", "schema": {"type": "object"}}),
    a(
        "IdentityPool",
        "shop",
        {"displayName": "Shop", "schemas": {"profile": "profile"}},
        workspace="web",
        protect=True,
    ),
    a("IdentityPool", "staff", {"displayName": "Staff"}),
    a("Group", "support", {"displayName": "Support"}, pool="shop"),
    a("User", "ada", {"status": "new", "identifiers": [{"uid": "ada"}], "groups": ["support"]}, pool="shop"),
]


# -- laws


@given(projects())
@settings(max_examples=30)
def test_our_own_tree_plans_to_nothing(documents: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        house = House(Path(name) / "first").write(documents)
        assert house.apply().state == "applied"
        again = pulled(house, Path(name) / "second")
        assert summary(again.plan()) == {}


@given(projects())
@settings(max_examples=15)
def test_a_foreign_tree_plans_to_adoptions_without_a_change_and_then_to_nothing(
    documents: list[dict[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        house = House(Path(name) / "first").write(documents)
        assert house.apply().state == "applied"
        disown(house)
        there = pulled(house, Path(name) / "second", project="p-fedcba9876543210")
        plan = there.plan()
        assert {change.action for change in plan.changes} == {Action.ADOPT}
        assert [change.fields for change in plan.changes if change.fields] == []
        assert there.apply().state == "applied"
        assert summary(there.plan()) == {}
        assert summary(pulled(there_own(there, house), Path(name) / "third", project=there.project).plan()) == {}


def there_own(there: House, house: House) -> House:
    """The second project, whose store is the first one's file."""
    return dataclasses.replace(there, root=house.root)


# -- own objects


def test_our_own_objects_come_back_as_they_were_declared_and_no_more(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    again = pulled(house, tmp_path / "second")
    assert texts(again.root / "manifests")["pools/shop.yaml"] == (
        "apiVersion: pool-as-code/v1\n"
        "kind: IdentityPool\n"
        "metadata: {name: shop, workspace: web, protect: true}\n"
        "spec:\n"
        "  displayName: Shop\n"
        "  schemas: {profile: profile}\n"
        "---\n"
        "apiVersion: pool-as-code/v1\n"
        "kind: Group\n"
        "metadata: {name: support, pool: shop}\n"
        "spec: {displayName: Support}\n"
    )


def test_a_user_who_has_activated_the_account_is_pulled_as_asked_for(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    store = open_cheap(f"sqlite:///{house.database}", read_only=False, root=tmp_path, environ={})
    (ada,) = store.read(Scope("user", everything=True))
    store.update(Handle("user", ada.id, ada.pool_id, ""), [FieldWrite(("spec", "status"), "active")])
    store.close()
    again = pulled(house, tmp_path / "second")
    assert "status: new" in texts(again.root / "manifests")["users/shop.yaml"]
    assert summary(again.plan()) == {}


def test_what_somebody_changed_is_pulled_as_it_is_live(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    store = open_cheap(f"sqlite:///{house.database}", read_only=False, root=tmp_path, environ={})
    store.update(Handle("pool", "shop", "", ""), [FieldWrite(("spec", "displayName"), "Store")])
    store.close()
    again = pulled(house, tmp_path / "second")
    assert "displayName: Store" in texts(again.root / "manifests")["pools/shop.yaml"]
    assert {c.action for c in again.plan().changes} == {Action.OWN}


# -- which ones


def test_what_is_asked_for_brings_what_it_refers_to_when_nobody_declared_it(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    disown(house)
    there = pulled(house, tmp_path / "second", project="p-fedcba9876543210", addresses=("user/shop/*",))
    assert list(texts(there.root / "manifests")) == [
        "pools/shop.yaml",
        "schemas/profile.yaml",
        "users/shop.yaml",
        "workspaces/web.yaml",
    ]
    assert {c.action for c in there.plan().changes} == {Action.ADOPT}


def test_what_is_asked_for_of_our_own_stands_alone(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    there = pulled(house, tmp_path / "second", addresses=("pool/*",))
    assert list(texts(there.root / "manifests")) == ["pools/shop.yaml", "pools/staff.yaml"]


def test_an_address_that_nothing_answers_to_is_an_error(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    with pytest.raises(InvalidInput) as caught:
        pull(house.request, ("pool/ship", "group/*/nobody"), house.told.append)
    assert [(d.code, d.summary, d.hint) for d in caught.value.diagnostics] == [
        ("PAC512", "pool/ship matches no live object", "did you mean pool/shop?"),
        ("PAC512", "group/*/nobody matches no live object", "write it like pool/customers or user/customers/*"),
    ]


def test_an_empty_store_has_nothing_to_pull(tmp_path: Path) -> None:
    house = House(tmp_path).write(SHOP)
    with pytest.raises(InvalidInput, match="nothing to pull"):
        pull(house.request, (), house.told.append)
    assert not house.database.exists()


def test_no_consent_is_written_for_what_belongs_to_another_project(tmp_path: Path) -> None:
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    there = pulled(house, tmp_path / "second", project="p-fedcba9876543210")
    assert "adopt" not in "".join(texts(there.root / "manifests").values())
    (line,) = [line for line in there.told if "PAC517" in line]
    assert line == f"warning PAC517: 6 of the objects belong to project {PROJECT}, environment default"


# -- from dumps


def a_dump(folder: Path, **tables: Any) -> Request:
    dump = {"schemas": [], "users": [], **tables}
    (folder / "dump.json").write_text(json.dumps(dump))
    return Request(cwd=folder, store="dump:dump.json")


def test_a_dump_circle_adopts_nothing_in_an_empty_directory_and_ends_with_an_empty_plan(tmp_path: Path) -> None:
    user = {"id": "0b7c5c0e-6a52-4a6a-9f0e-3a8a3f0f6d11", "user_pool_id": "records", "status": "active"}
    request = a_dump(
        tmp_path,
        pools=[{"id": "records", "name": "Records", "payload_schema_id": "record", "mfa_session_ttl": "24h0m0s"}],
        schemas=[
            {"id": "record", "name": "Record", "schema": {"type": "object", "properties": {"b": {"type": "string"}}}}
        ],
        groups=[{"id": "1b7c5c0e-6a52-4a6a-9f0e-3a8a3f0f6d11", "user_pool_id": "records", "name": "Old records"}],
        users=[{**user, "payload": {"b": "x"}}],
        user_credentials=[
            {"user_id": user["id"], "type": "password", "payload": {"hashed_password": "$2b$04$abcdefghijklmnopqrstuv"}}
        ],
    )
    files = pull(request, (), lambda line: None)
    assert (
        "metadata: {name: old-records, pool: records, id: 1b7c5c0e-6a52-4a6a-9f0e-3a8a3f0f6d11, adopt: true"
        in files["pools/records.yaml"]
    )
    assert "password" not in "".join(files.values())
    house = House(tmp_path / "house").write([])
    (house.root / "manifests" / "all.yaml").unlink()
    write_pulled(files, house.root / "manifests", False)
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    assert summary(pulled(house, tmp_path / "again").plan()) == {}


def test_unknown_fields_come_as_extra_but_never_what_is_called_a_secret(tmp_path: Path) -> None:
    request = a_dump(
        tmp_path,
        pools=[
            {
                "id": "shop",
                "name": "Shop",
                "captcha": {"site": "k1", "secret": "hush-1"},
                "webhook_api_key": "hush-2",
                "password_policy": {"banned_words": ["shop"]},
                "authentication_mechanisms": ["password", "push"],
                "metadata": {"pool-as-code": {"records": "hush-3"}},
            }
        ],
    )
    told: list[str] = []
    (text,) = pull(request, (), told.append).values()
    assert "hush" not in text + "".join(told)
    assert text == (
        "apiVersion: pool-as-code/v1\n"
        "kind: IdentityPool\n"
        "metadata: {name: shop, adopt: true}\n"
        "spec:\n"
        "  displayName: Shop\n"
        "  signIn:\n"
        "    firstFactor:\n"
        "      methods: [password, push]\n"
        "    allowUnknownMethods: true\n"
        "  extra:\n"
        "    captcha: {site: k1}\n"
        "    password_policy:\n"
        "      banned_words: [shop]\n"
    )
    assert "PAC510" in told[-1]
    assert "extra is written without the keys that seem to hold secrets" in told[-1]


def test_messages_are_counted_where_there_are_too_many(tmp_path: Path) -> None:
    users = [{"id": f"u{n:03}", "user_pool_id": "shop", "status": "new"} for n in range(50)]
    wrong = [{"user_id": f"u{n:03}", "identifier": "not an address", "type": "email"} for n in range(50)]
    request = a_dump(tmp_path, pools=[{"id": "shop", "name": "Shop"}], users=users, user_identifiers=wrong)
    told: list[str] = []
    pull(request, (), told.append)
    assert sum("PAC510" in line for line in told) == 21
    assert told[-1] == "30 more messages of code PAC510"


# -- files


def test_files_that_are_there_with_another_text_are_not_overwritten(tmp_path: Path) -> None:
    files = {"pools/a.yaml": "one\n", "pools/b.yaml": "two\n"}
    assert [path.name for path in write_pulled(files, tmp_path, False)] == ["a.yaml", "b.yaml"]
    assert write_pulled(files, tmp_path, False) == []
    with pytest.raises(InvalidInput) as caught:
        write_pulled({**files, "pools/a.yaml": "other\n", "pools/c.yaml": "new\n"}, tmp_path, False)
    assert [str(d.location) for d in caught.value.diagnostics] == [str(tmp_path / "pools/a.yaml")]
    assert sorted(path.name for path in tmp_path.rglob("*.yaml")) == ["a.yaml", "b.yaml"]
    write_pulled({"pools/a.yaml": "other\n"}, tmp_path, True)
    assert (tmp_path / "pools/a.yaml").read_text() == "other\n"
