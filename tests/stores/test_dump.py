"""Dumps as the vendor's programs write them: three forms, read as they come, and never written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.errors import InvalidInput, Rejected
from pool_as_code.core.values import JsonMap, JsonValue, canonical
from pool_as_code.resources.live import Observed
from pool_as_code.stores.base import Body, Handle, IdentifierKey, Owner, Scope, Store
from pool_as_code.stores.dump import DumpStore, open_dump

HASH: JsonMap = {
    "value": "$2a$10$C6UzMDM.H6dfI/f/IKcEeO7ZxYnqLrHtUEaHHBKrVvV5xVFh3f5ZK",
    "config": {"method": "bcrypt"},
}


def a_dump(**tables: JsonValue) -> JsonMap:
    """An identity dump of two users in one pool."""
    user: JsonMap = {"tenant_id": "t", "user_pool_id": "shop", "payload_schema_id": "profile"}
    found: JsonMap = {
        "schemas": [{"id": "profile", "tenant_id": "t", "name": "Profile", "schema": {"type": "object", "enum": None}}],
        "pools": [
            {
                "id": "shop",
                "tenant_id": "t",
                "name": "Shop",
                "payload_schema_id": "profile",
                "identifier_case_insensitive": True,
                "workspace_id": "web",
            }
        ],
        "users": [
            {**user, "id": "u1", "status": "active", "payload": {"name": "Ada"}, "metadata_schema_id": "user_v0"},
            {**user, "id": "u2", "status": "new", "user_type": "jit"},
        ],
        "user_identifiers": [{"id": "i1", "user_id": "u1", "identifier": "Ada@Example.com", "type": "email"}],
        "user_verifiable_addresses": [
            {
                "id": "a1",
                "user_id": "u1",
                "address": "ada@example.com",
                "type": "email",
                "status": "active",
                "verified": True,
            }
        ],
        "user_credentials": [
            {
                "id": "c1",
                "user_id": "u1",
                "type": "password",
                "payload": {"hashed_password": HASH},
                "state": "must_be_changed",
                "expires_at": "1900-01-01T00:00:00Z",
            }
        ],
        "groups": [
            {"id": "g1", "user_pool_id": "shop", "name": "Staff", "path": "g1"},
            {"id": "g2", "user_pool_id": "shop", "name": "Support", "path": "g1/g2"},
        ],
        "group_members": [{"group_id": "g2", "user_id": "u1", "user_pool_id": "shop"}],
    }
    return {**found, **tables}


def opened(folder: Path, dump: JsonMap | str) -> DumpStore:
    file = folder / "dump.json"
    file.write_text(dump if isinstance(dump, str) else json.dumps(dump))
    return open_dump("dump:dump.json", read_only=True, root=folder, environ={})


def refused(folder: Path, text: str, name: str = "dump.yaml") -> list[str]:
    """The messages of a dump that can not be opened."""
    (folder / name).write_text(text)
    with pytest.raises(InvalidInput) as caught:
        open_dump(f"dump:{name}", read_only=True, root=folder, environ={})
    return [f"{d.location}: {d.code}: {d.summary}" for d in caught.value.diagnostics]


def every(store: Store, kind: str) -> dict[str, Observed]:
    return {observed.id: observed for observed in store.read(Scope(kind, everything=True))}


# -- the identity dump


def test_an_identity_dump_becomes_live_objects(tmp_path: Path) -> None:
    store = opened(tmp_path, a_dump())
    assert every(store, "pool")["shop"].body == {
        "metadata": {"workspace": "web"},
        "spec": {
            "displayName": "Shop",
            "signIn": {"identifiersIgnoreCase": True},
            "schemas": {"profile": "profile"},
        },
    }
    assert every(store, "user")["u1"].spec == {
        "status": "active",
        "profile": {"name": "Ada"},
        "schemas": {"administrative": "user_v0"},
        "identifiers": [{"email": "Ada@Example.com"}],
        "addresses": [{"email": "ada@example.com", "verified": True}],
        "groups": ["g2"],
    }
    assert every(store, "user")["u2"].spec == {"status": "new", "userType": "jit"}
    assert every(store, "group")["g2"].body == {"metadata": {"parent": "g1"}, "spec": {"displayName": "Support"}}
    assert every(store, "schema")["profile"].spec == {"displayName": "Profile", "schema": {"type": "object"}}
    assert every(store, "schema")["user_v0"].metadata == {"system": True}
    assert store.members("shop") == {"total": 2, "standard": 1, "jit": 1, "owned": 0, "groups": 2}
    assert (store.count("user"), store.count("user", frozenset({"other"})), store.count("pool")) == (2, 0, 1)


def test_a_workspace_that_is_only_referred_to_is_there_with_its_id(tmp_path: Path) -> None:
    store = opened(tmp_path, a_dump())
    assert every(store, "workspace")["web"].body == {"metadata": {}, "spec": {}}
    assert [d.code for d in store.diagnostics if d.severity is Severity.INFO] == ["PAC509"]


def test_users_are_found_by_id_and_by_identifier_as_the_pool_folds_it(tmp_path: Path) -> None:
    store = opened(tmp_path, a_dump())
    by_identifier = Scope("user", identifiers=frozenset({IdentifierKey("shop", "ADA@example.COM")}))
    assert [user.id for user in store.read(by_identifier)] == ["u1"]
    assert [user.id for user in store.read(Scope("user", ids=frozenset({"u2", "nobody"})))] == ["u2"]
    assert store.read(Scope("user", owner=Owner("p", "default"))) == []
    assert store.read(Scope("user", pools=frozenset({"other"}), everything=True)) == []


def test_credentials_stand_beside_the_objects_and_never_in_them(tmp_path: Path) -> None:
    store = opened(tmp_path, a_dump())
    (credential,) = store.credentials_of("u1")
    assert (credential.type, credential.state, credential.expires_at) == ("password", "must_be_changed", "")
    assert credential.hash is not None
    assert json.loads(credential.hash.reveal()) == HASH
    assert store.credentials_of("u2") == []
    everything = b"".join(o.raw for kind in ("user", "pool", "group", "schema") for o in every(store, kind).values())
    assert b"$2a$" not in everything
    assert b"hashed" not in everything


def test_what_refers_to_nothing_is_left_out_and_counted(tmp_path: Path) -> None:
    dump = a_dump()
    for index in range(7):
        dump["users"].append({"id": f"x{index}", "user_pool_id": "gone", "status": "new"})  # type: ignore[union-attr]
    dump["group_members"] = [{"group_id": "g2", "user_id": "x1"}, {"group_id": "g9", "user_id": "u1"}]
    dump["groups"].append({"id": "g3", "user_pool_id": "shop", "name": "Lost", "path": "/nowhere/g3"})  # type: ignore[union-attr]
    store = opened(tmp_path, dump)
    said = {d.summary: d.detail for d in store.diagnostics if d.code == "PAC506"}
    assert said == {
        "users of pools that are not in the dump were left out: 7": "ids: gone",
        "memberships of users or groups that are not in the dump were left out: 2": "ids: g9, x1",
        "groups whose parent is not in the dump were put on the top level: 1": "ids: g3",
    }
    assert set(every(store, "user")) == {"u1", "u2"}
    assert every(store, "group")["g3"].metadata == {}


@pytest.mark.parametrize("path", ["g1/g2", "/g1/g2/", "g1", "Staff", "/Staff/Support", "g1.g2"])
def test_a_groups_parent_is_found_in_any_spelling_of_its_path(tmp_path: Path, path: str) -> None:
    dump = a_dump()
    dump["groups"][1]["path"] = path  # type: ignore[index, call-overload]
    assert every(opened(tmp_path, dump), "group")["g2"].metadata == {"parent": "g1"}


def test_deleted_pools_are_taken_for_absent(tmp_path: Path) -> None:
    pools: list[JsonValue] = [{"id": "old", "name": "Old", "deleted": True}]
    store = opened(tmp_path, a_dump(pools=[*a_dump()["pools"], *pools]))  # type: ignore[misc]
    assert set(every(store, "pool")) == {"shop"}
    assert "PAC508" in {d.code for d in store.diagnostics}


def test_fields_without_a_place_are_named_without_their_values(tmp_path: Path) -> None:
    dump = a_dump(schemas=[{"id": "profile", "name": "Profile", "schema": {}, "colour": "secret-red"}])
    (said,) = (d.summary for d in opened(tmp_path, dump).diagnostics if d.code == "PAC507")
    assert said == "fields of kind schema that have no place here were left out: colour (1)"


# -- the hub tree


def test_a_hub_tree_has_pools_of_the_tenant_of_workspaces_and_of_organizations(tmp_path: Path) -> None:
    store = opened(
        tmp_path,
        {
            "name": "Tenant",
            "pools": {"staff": {"name": "Staff", "mfa_session_ttl": "0s", "deleted": False}},
            "schemas": {"profile": {"name": "Profile", "schema": {"type": "object"}}},
            "servers": {
                "web": {
                    "name": "Web",
                    "authentication_mechanisms": ["password"],
                    "pools": {"customers": {"name": "Customers"}},
                    "clients": {"app": {"client_secret": "hush"}},
                    "idps": {
                        "i1": {"method": "identity_pool", "identity_pool_id": "customers"},
                        "i2": {"method": "identity_pool", "identity_pool_id": "staff", "disabled": True},
                        "i3": {"method": "oidc"},
                    },
                },
                "acme": {
                    "name": "ACME",
                    "type": "organization",
                    "parent_id": "web",
                    "pools": {"acme-users": {"name": "A"}},
                },
            },
        },
    )
    pools = every(store, "pool")
    assert pools["staff"].body == {"metadata": {}, "spec": {"displayName": "Staff"}}
    assert pools["customers"].body == {
        "metadata": {"workspace": "web"},
        "spec": {"displayName": "Customers", "signInAt": ["web"]},
    }
    assert pools["acme-users"].metadata == {"organization": "acme"}
    assert every(store, "organization")["acme"].body == {"metadata": {"parent": "web"}, "spec": {"displayName": "ACME"}}
    assert every(store, "workspace")["web"].spec == {"displayName": "Web", "allowedMethods": ["password"]}
    assert not store.diagnostics


def test_one_server_of_a_hub_tree_is_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text("name: Web\ntype: regular\npools:\n  customers: {name: Customers}\n")
    store = open_dump("dump:web.yaml", read_only=True, root=tmp_path, environ={})
    assert every(store, "pool")["customers"].metadata == {"workspace": "web"}


# -- the vendor tool's folder


def a_folder(root: Path) -> Path:
    files = {
        "pools/Some_Pool.yaml": "id: some-pool\nname: Some Pool\nmfa_session_ttl: 0s\nsecond_factor_threshold: 0\n",
        "schemas/Profile.yaml": "id: profile\nname: Profile\nschema: {type: object}\n",
        "themes/x/theme.yaml": "not: ours\n",
        "workspaces/web/server.yaml": "name: Web\nid: web\n",
        "workspaces/web/pools/Customers.yaml": "id: customers\nname: Customers\npayload_schema_id: profile\n",
        "workspaces/web/idps/Pool.yaml": "id: i\nmethod: identity_pool\nidentity_pool_id: customers\n",
        "workspaces/web/idps/Corp.yaml": "id: c\nclient_secret: {{ env `SECRET` }}\n",
        "workspaces/lone/pools/Lone.yaml": "id: lone-pool\nname: Lone\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_folder_of_the_vendors_tool(tmp_path: Path) -> None:
    store = open_dump("dump:tree", read_only=True, root=a_folder(tmp_path / "tree").parent, environ={})
    pools = every(store, "pool")
    assert {id: pool.metadata for id, pool in pools.items()} == {
        "some-pool": {},
        "customers": {"workspace": "web"},
        "lone-pool": {"workspace": "lone"},
    }
    assert pools["customers"].spec["signInAt"] == ["web"]
    assert set(every(store, "workspace")) == {"web", "lone"}
    assert set(every(store, "schema")) == {"profile"}


def test_one_workspace_of_such_a_folder(tmp_path: Path) -> None:
    folder = a_folder(tmp_path) / "workspaces" / "web"
    store = open_dump(f"dump:{folder}", read_only=True, root=tmp_path, environ={})
    assert set(every(store, "pool")) == {"customers"}


def test_go_templates_are_not_run(tmp_path: Path) -> None:
    a_folder(tmp_path)
    (tmp_path / "pools" / "Other.yaml").write_text("id: other\nname: x\ndescription: {{ env `WHO` }}\n")
    (tmp_path / "pools" / "NoId.yaml").write_text("name: x\n")
    with pytest.raises(InvalidInput) as caught:
        open_dump(f"dump:{tmp_path}", read_only=True, root=tmp_path, environ={"WHO": "me"})
    assert [(d.code, str(d.location).removeprefix(f"{tmp_path}/")) for d in caught.value.diagnostics] == [
        ("PAC504", "pools/NoId.yaml:1:1"),
        ("PAC503", "pools/Other.yaml:3:14"),
    ]


# -- what is no dump


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "dump.yaml: PAC501: the dump is empty"),
        ("# nothing\n", "dump.yaml: PAC501: the dump holds nothing but comments"),
        ("[1, 2]\n", "dump.yaml: PAC502: not a dump: found a list, expected a map"),
        ("{}\n", "dump.yaml: PAC502: not a dump: found an empty map"),
        ("a: 1\nb: 2\n", "dump.yaml: PAC502: not a dump: found a map with the keys a, b"),
        (
            "apiVersion: pool-as-code/v1\nkind: User\n",
            "dump.yaml: PAC502: not a dump: found a document of kind User; pac validate and pac plan read those",
        ),
        ("apiVersion: 1\n---\nb: 2\n", "dump.yaml: PAC502: not a dump: the file holds 2 manifests"),
        ("pools:\n  - name: x\n", "dump.yaml:2:5: PAC504: pools[0] has no id"),
        ("pools:\n  - 7\n", "dump.yaml:2:5: PAC504: pools[0] is not a map of fields"),
        (
            "pools: []\nusers: {}\n",
            "dump.yaml:2:8: PAC504: users is not a list, as it is in the other tables of an identity dump",
        ),
        ("pools:\n- {id: a}\n- {id: b}\n- {id: a}\n", "dump.yaml:4:3: PAC505: two pools have the id 'a'"),
    ],
)
def test_a_file_that_is_no_dump_says_what_was_found(tmp_path: Path, text: str, said: str) -> None:
    assert refused(tmp_path, text) == [said]


def test_broken_yaml_is_told_by_its_reader(tmp_path: Path) -> None:
    assert [message.split(": ")[1] for message in refused(tmp_path, "pools: [\n")] == ["PAC105"]


def test_a_missing_file_and_a_folder_without_anything(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_dump("dump:nothing.yaml", read_only=True, root=tmp_path, environ={})
    assert [d.code for d in caught.value.diagnostics] == ["PAC500"]
    with pytest.raises(InvalidInput) as caught:
        open_dump("dump:.", read_only=True, root=tmp_path, environ={})
    assert [d.summary for d in caught.value.diagnostics] == ["not a dump: found a folder with nothing in it"]
    with pytest.raises(InvalidInput, match="names no file"):
        open_dump("dump:", read_only=True, root=tmp_path, environ={})


def test_a_repeated_key_of_json_is_judged_like_one_of_yaml(tmp_path: Path) -> None:
    store = opened(tmp_path, '{"pools": [{"id": "a", "name": "A",\n "name": "A"}]}')
    assert [d.code for d in store.diagnostics] == ["PAC111"]
    assert refused(tmp_path, '{"pools": [{"id": "a", "name": "A", "name": "B"}]}', "d.json")[0].startswith(
        "d.json:1:37: PAC110"
    )


def test_json_and_yaml_of_the_same_dump_are_equal_but_not_the_same_directory(tmp_path: Path) -> None:
    from pool_as_code.core.yaml import dump as to_yaml

    first = opened(tmp_path, a_dump())
    (tmp_path / "dump.yaml").write_text(to_yaml([a_dump()]))
    second = open_dump("dump:dump.yaml", read_only=True, root=tmp_path, environ={})
    for kind in ("user", "pool", "group", "schema", "workspace"):
        assert {id: o.raw for id, o in every(first, kind).items()} == {
            id: o.raw for id, o in every(second, kind).items()
        }
    assert first.fingerprint() == opened(tmp_path, a_dump()).fingerprint() != second.fingerprint()


def test_raw_is_canonical_and_the_body_keeps_the_authors_order(tmp_path: Path) -> None:
    schema: JsonMap = {"type": "object", "properties": {"zip": {"type": "string"}, "city": {"type": "string"}}}
    observed = every(opened(tmp_path, a_dump(schemas=[{"id": "profile", "name": "P", "schema": schema}])), "schema")[
        "profile"
    ]
    assert observed.raw == canonical(observed.body)
    assert list(observed.spec["schema"]["properties"]) == ["zip", "city"]  # type: ignore[call-overload, arg-type, index]


# -- never written


def test_every_write_is_refused(tmp_path: Path) -> None:
    store: Store = opened(tmp_path, a_dump())
    body = Body("pool", "x", "", {}, {})
    handle = Handle("pool", "shop", "", "")
    assert store.capabilities.read_only
    with store.transaction(), store.savepoint():
        for write in (
            lambda: store.create(body),
            lambda: store.create_many([body]),
            lambda: store.update(handle, []),
            lambda: store.delete(handle),
            lambda: store.ledger.put([]),
        ):
            with pytest.raises(Rejected, match="read-only"):
                write()
    assert store.ledger.records(Owner("p", "default")) == {}
    assert store.ledger.history() == []
    assert not store.written_only_by("digest")
    store.close()
