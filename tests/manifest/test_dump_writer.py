"""Resources to manifests that load again: one text per tree, and nothing in it that validate would refuse."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from pool_as_code.core.address import Address
from pool_as_code.core.diagnostics import Diagnostic, has_errors
from pool_as_code.core.values import JsonMap
from pool_as_code.manifest.dump import write_manifests
from pool_as_code.manifest.holdable import holdable
from pool_as_code.manifest.load import load
from pool_as_code.resources.state import Resource
from tests.documents import projects


def a(text: str, spec: JsonMap | None = None, **metadata: object) -> Resource:
    """A resource: `a("user/customers/ada", {...}, adopt=True)`."""
    address = Address.parse(text)
    kept: JsonMap = {"name": address.name, **metadata}  # type: ignore[dict-item]
    if address.container:
        kept["pool"] = address.container
    return Resource(address, kept, spec or {})


def written_into(folder: Path, resources: list[Resource], **options: int) -> dict[str, str]:
    files, told = write_manifests(resources, **options)
    assert told == []
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return files


def loaded(folder: Path) -> dict[Address, tuple[JsonMap, JsonMap]]:
    found = load([str(folder)])
    assert not has_errors(found.diagnostics), found.diagnostics
    return {resource.address: (resource.metadata, resource.spec) for resource in found.state}


def kept(*resources: Resource) -> tuple[dict[str, JsonMap], list[tuple[str, str]]]:
    """What a manifest can hold: address -> spec, and (address, message)."""
    state, told = holdable(resources, {})
    return {str(r.address): r.spec for r in state}, [(d.address, d.summary.partition(":")[0]) for d in told]


# -- writing


def test_each_kind_has_its_folder_and_groups_stand_behind_their_pool(tmp_path: Path) -> None:
    files = written_into(
        tmp_path,
        [
            a("user/shop/ada"),
            a("group/shop/staff"),
            a("pool/shop", workspace="web"),
            a("schema/profile"),
            a("organization/acme", parent="web"),
            a("workspace/web", {"color": "#123456", "displayName": "Web"}),
        ],
    )
    assert list(files) == [
        "organizations/acme.yaml",
        "pools/shop.yaml",
        "schemas/profile.yaml",
        "users/shop.yaml",
        "workspaces/web.yaml",
    ]
    assert files["workspaces/web.yaml"] == (
        "apiVersion: pool-as-code/v1\n"
        "kind: Workspace\n"
        "metadata: {name: web}\n"
        'spec: {displayName: Web, color: "#123456"}\n'
    )
    assert files["pools/shop.yaml"].split("---\n")[1] == (
        "apiVersion: pool-as-code/v1\nkind: Group\nmetadata: {name: staff, pool: shop}\n"
    )
    assert len(loaded(tmp_path)) == 6


def test_a_file_has_so_many_users_and_no_more(tmp_path: Path) -> None:
    users = [a(f"user/shop/u{number}") for number in range(7)]
    files = written_into(tmp_path, [a("pool/shop"), *users], users_per_file=3)
    assert {path: text.count("kind: User") for path, text in files.items() if "users/" in path} == {
        "users/shop.yaml": 3,
        "users/shop.2.yaml": 3,
        "users/shop.3.yaml": 1,
    }
    assert len(loaded(tmp_path)) == 8


def test_the_text_does_not_depend_on_the_order_of_anything(tmp_path: Path) -> None:
    one = [a("pool/b"), a("pool/a", {"badgeColor": "#123456", "displayName": "A"})]
    two = [a("pool/a", {"displayName": "A", "badgeColor": "#123456"}), a("pool/b")]
    assert write_manifests(one) == write_manifests(two)


def test_members_of_lists_have_their_keys_in_order_and_keys_of_users_stay(tmp_path: Path) -> None:
    user = a("user/shop/ada", {"addresses": [{"verified": True, "email": "a@b.example"}], "profile": {"z": 1, "a": 2}})
    (text,) = write_manifests([user])[0].values()
    assert "addresses: [{email: a@b.example, verified: true}]" in text
    assert "profile: {z: 1, a: 2}" in text


@given(projects())
@settings(max_examples=40)
def test_whatever_loads_is_written_so_that_it_loads_again(documents: list[JsonMap]) -> None:
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "source", Path(name) / "target"
        source.mkdir()
        text = "\n---\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
        (source / "all.yaml").write_text(text, "utf-8")
        before = loaded(source)
        resources = [Resource(address, metadata, spec) for address, (metadata, spec) in before.items()]
        state, told = holdable(resources, {})
        assert told == []
        written_into(target, list(state))
        assert loaded(target) == before


def test_a_value_that_no_yaml_can_hold_is_left_out_and_named() -> None:
    deep: JsonMap = {}
    for _ in range(80):
        deep = {"x": deep}
    users = [
        a("user/shop/ada", {"profile": {"half": "\ud800"}, "status": "new"}),
        a("user/shop/bob", {"delegated": deep}),
    ]
    files, told = write_manifests(users)
    assert [(d.address, d.summary.partition(":")[0]) for d in told] == [
        ("user/shop/ada", "profile is left out"),
        ("user/shop/bob", "delegated is left out"),
    ]
    assert files["users/shop.yaml"].count("kind: User") == 2
    assert "status: new" in files["users/shop.yaml"]


# -- what a manifest can hold


def test_an_identifier_of_a_wrong_form_goes_and_the_others_stay() -> None:
    user = a(
        "user/shop/ada",
        {"identifiers": [{"email": "not an address"}, {"uid": "ada"}, {"federated": "idp|1"}, {"mobile": "12"}]},
    )
    specs, told = kept(a("pool/shop"), user)
    assert specs["user/shop/ada"] == {"identifiers": [{"uid": "ada"}]}
    assert told == [("user/shop/ada", "identifiers[2] is left out"), ("user/shop/ada", "identifiers[0] is left out")]


def test_a_list_that_is_managed_whole_goes_whole_and_what_hangs_on_it_too() -> None:
    both: JsonMap = {
        "displayName": "Shop",
        "signIn": {
            "firstFactor": {"methods": ["password", "totp"]},
            "secondFactor": {"methods": ["totp"], "preferred": "totp", "skipIfNotEnrolled": True},
        },
    }
    specs, told = kept(a("pool/shop", both))
    assert specs["pool/shop"] == {
        "displayName": "Shop",
        "signIn": {
            "firstFactor": {"methods": ["password", "totp"]},
            "secondFactor": {"skipIfNotEnrolled": True},
        },
    }
    assert told == [
        ("pool/shop", "signIn.secondFactor.methods is left out"),
        ("pool/shop", "signIn.secondFactor.preferred is left out"),
    ]


def test_a_schema_outside_of_the_subset_goes_whole_and_never_in_part() -> None:
    specs, told = kept(a("schema/profile", {"displayName": "P", "schema": {"type": "object", "format": "email"}}))
    assert specs == {"schema/profile": {"displayName": "P"}}
    assert told == [("schema/profile", "schema is left out")]


def test_attributes_that_do_not_fit_their_schema_go_key_by_key() -> None:
    schema = a("schema/profile", {"schema": {"type": "object", "properties": {"age": {"type": "integer"}}}})
    pool = a("pool/shop", {"schemas": {"profile": "profile"}})
    specs, told = kept(schema, pool, a("user/shop/ada", {"profile": {"age": "secret-age", "name": "Ada"}}))
    assert specs["user/shop/ada"] == {"profile": {"name": "Ada"}}
    assert told == [("user/shop/ada", "profile.age is left out")]


def test_a_required_attribute_that_is_missing_takes_the_map_with_it() -> None:
    schema = a("schema/profile", {"schema": {"type": "object", "required": ["name"]}})
    pool = a("pool/shop", {"schemas": {"profile": "profile"}})
    specs, _ = kept(schema, pool, a("user/shop/ada", {"profile": {"age": 1}, "status": "active"}))
    assert specs["user/shop/ada"] == {"status": "active"}


def test_of_two_users_with_one_identifier_the_second_goes_without() -> None:
    users = [a(f"user/shop/{name}", {"identifiers": [{"email": "same@example.com"}]}) for name in ("ada", "bob")]
    specs, told = kept(a("pool/shop"), *users)
    assert [specs["user/shop/ada"], specs["user/shop/bob"]] == [
        {"identifiers": [{"email": "same@example.com"}]},
        {"identifiers": []},
    ]
    assert told == [("user/shop/bob", "identifiers[0] is left out")]


def test_references_to_nothing_go_and_so_does_a_user_of_no_pool() -> None:
    specs, told = kept(
        a("pool/shop", {"schemas": {"profile": "gone", "delegated": "$id:elsewhere"}}, workspace="nowhere"),
        a("user/other/ada"),
    )
    assert specs == {"pool/shop": {"schemas": {"delegated": "$id:elsewhere"}}}
    assert sorted(told) == [
        ("pool/shop", "schemas.profile is left out"),
        ("pool/shop", "workspace is left out"),
        ("user/other/ada", "the whole object is left out"),
    ]


def test_values_of_other_types_than_ours_go() -> None:
    specs, told = kept(a("pool/shop", {"passwordPolicy": {"strength": "titanic", "digits": 2}, "badgeColor": "red"}))
    assert specs["pool/shop"] == {"passwordPolicy": {"digits": 2}}
    assert sorted(told) == [
        ("pool/shop", "badgeColor is left out"),
        ("pool/shop", "passwordPolicy.strength is left out"),
    ]


def test_what_is_around_may_be_referred_to_and_is_not_judged() -> None:
    around = a("schema/profile", {"schema": {"format": "wrong"}})
    state, told = holdable([a("pool/shop", {"schemas": {"profile": "profile"}})], {around.address: around})
    assert [str(resource.address) for resource in state] == ["pool/shop"]
    assert told == []


@pytest.mark.parametrize("secret", ["hunter2@", "+1 (555) 0100"])
def test_no_message_shows_a_value(secret: str) -> None:
    user = a(
        "user/shop/u1",
        {
            "identifiers": [{"email": secret}],
            "addresses": [{"mobile": secret}],
            "profile": {"x": secret},
            "status": secret,
        },
    )
    _, told = holdable([a("pool/shop"), user], {})
    assert len(told) == 3
    assert not [d for d in told if secret in _whole(d)]


def _whole(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.summary} {diagnostic.detail} {diagnostic.hint} {diagnostic.address}"


def test_resources_that_were_handed_over_stay_as_they_were() -> None:
    user = a("user/shop/ada", {"identifiers": [{"email": "not an address"}]})
    holdable([a("pool/shop"), user], {})
    assert user.spec == {"identifiers": [{"email": "not an address"}]}
