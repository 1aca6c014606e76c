"""The vendor's own material, where it is at hand: an unedited export becomes manifests and a directory and back, and every
property of the vendor's definitions has a place with us or a reason why it has none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_load

from pool_as_code.app.loading import load_dump
from pool_as_code.app.pulling import pull, write_pulled
from pool_as_code.app.request import Request
from pool_as_code.app.validating import validate
from pool_as_code.core.values import as_map
from pool_as_code.resources.registry import by_word
from pool_as_code.resources.schema_subset import KEYWORDS
from pool_as_code.stores.base import Scope
from pool_as_code.stores.dump import open_dump
from pool_as_code.stores.secureauth.routes import routes
from tests.house import House, document, summary

SHARED = Path(__file__).parents[2].parent / "shared"
EXPORT = SHARED / "data" / "hyperscalebank-identity.yaml"

pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.usefixtures("cheap_hashing"),
    pytest.mark.skipif(not SHARED.is_dir(), reason=f"there is no {SHARED}: material beside the repository"),
]


# -- an unedited export


def a_house(folder: Path) -> House:
    """A project folder with what was pulled from the export."""
    house = House(folder).write([])
    (folder / "manifests" / "all.yaml").unlink()
    request = Request(cwd=folder, store=f"dump:{EXPORT}")
    write_pulled(pull(request, (), house.told.append), folder / "manifests", False)
    return house


def test_an_unedited_export_becomes_manifests_that_validate(tmp_path: Path) -> None:
    found = validate(a_house(tmp_path).request)
    assert found.diagnostics == ()
    assert found.documents == {"Schema": 2, "IdentityPool": 1}


def test_pulled_manifests_plan_against_their_dump_to_adoptions_without_a_change(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    house.store = f"dump:{EXPORT}"
    plan = house.plan()
    assert set(summary(plan).values()) == {"adopt"}
    assert [change.fields for change in plan.changes if change.fields] == []


def test_the_circle_closes_apply_pull_plan(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    files = pull(house.request, (), house.told.append)
    write_pulled(files, house.root / "manifests", True)
    assert summary(house.plan()) == {}


def test_the_export_loads_as_it_is_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    request = Request(cwd=tmp_path, store="sqlite:///own.db")
    assert load_dump(request, str(EXPORT), lambda line: None).counts == {"schema": 2, "pool": 1}
    again = load_dump(request, str(EXPORT), lambda line: None)
    assert (again.counts, again.unchanged) == ({}, {"schema": 2, "pool": 1})


def test_a_key_that_is_repeated_with_an_equal_value_is_told_and_counts_once() -> None:
    store = open_dump(f"dump:{EXPORT}", read_only=True, root=Path(), environ={})
    assert [d.code for d in store.diagnostics] == ["PAC111", "PAC111"]
    assert all(as_map(o.spec["schema"])["type"] == "object" for o in store.read(Scope("schema")))


# -- a schema of the vendor's sample applications


def test_a_real_schema_of_postal_addresses_is_applied_enforced_and_pulled(tmp_path: Path) -> None:
    schema = json.loads((SHARED / "data" / "us_address_custom_schema.json").read_text("utf-8"))
    profile = {"given_name": "Test", "family_name": "Customer", "name": "Test Customer", "state": "NY"}
    declared = [
        document("Schema", {"name": "us-address"}, displayName="US address", schema=schema),
        document("IdentityPool", {"name": "customers"}, schemas={"profile": "us-address"}),
        document("User", {"name": "test", "pool": "customers"}, status="active", profile=profile),
    ]
    house = House(tmp_path).write(declared)
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    files = pull(house.request, (), house.told.append)
    (house.root / "manifests" / "all.yaml").unlink()
    write_pulled(files, house.root / "manifests", False)
    assert summary(house.plan()) == {}
    pulled = safe_load((house.root / "manifests" / "schemas" / "us-address.yaml").read_text("utf-8"))
    assert pulled["spec"] == {"displayName": "US address", "schema": schema}
    declared[2]["spec"]["profile"] = {**profile, "state": "New York"}
    (problem,) = validate(House(tmp_path / "wrong").write(declared).request).diagnostics
    assert problem.code == "PAC254"


# -- every property of the vendor's definitions


def definitions(file: str) -> dict[str, Any]:
    from yaml import CSafeLoader, load

    found = load((SHARED / "reference" / "spec" / file).read_text("utf-8"), CSafeLoader)["definitions"]
    assert isinstance(found, dict)
    return found


def leaves(known: dict[str, Any], name: str, path: str = "") -> Iterator[str]:
    """The properties of a definition, those of other definitions inside it below their name."""
    for key, value in known[name].get("properties", {}).items():
        inner = value.get("$ref", "").rpartition("/")[2]
        if "properties" in known.get(inner, {}) and inner != "SupportedJSONSchema":
            yield from leaves(known, inner, f"{path}{key}.")
        else:
            yield f"{path}{key}"


def mapped(word: str) -> set[str]:
    return {".".join(route.wire) for route in routes(word)}


_OWN = {
    "id": "the remote id, beside the document",
    "tenant_id": "of the store",
    "system": "metadata.system of a live object; never written",
}
_LEFT: dict[str, dict[str, str]] = {
    "Pool": {**_OWN, "deleted": "a deleted pool is taken for absent"},
    "TreePool": {"system": "never written", "deleted": "a deleted pool is taken for absent"},
    "Schema": {**_OWN, "created_at": "the server's", "updated_at": "the server's"},
    "TreeSchema": {"system": "never written", "created_at": "the server's", "updated_at": "the server's"},
    "Group": {key: _OWN[key] for key in ("id", "tenant_id")},
    "NewUser": {
        "id": "the remote id",
        "identifiers": "a list of another form: NewUserIdentifier",
        "verifiable_addresses": "a list of another form: NewUserVerifiableAddress",
        "credentials": "a list of another form: NewUserCredential",
    },
    "Org": {"id": "the remote id", "metadata.schema": "kept in extra: who defines it is not documented"},
    "CreateOrganizationRequest": {
        "id": "the remote id",
        "metadata.schema": "kept in extra",
        "template_id": "used once by the service while it creates; nothing of it stays to compare",
    },
}


@pytest.mark.parametrize(
    ("file", "name", "word"),
    [
        ("identitysystem.yaml", "Pool", "pool"),
        ("hub-pools.yaml", "TreePool", "pool"),
        ("identitysystem.yaml", "Schema", "schema"),
        ("hub-pools.yaml", "TreeSchema", "schema"),
        ("identitysystem.yaml", "Group", "group"),
        ("identitysystem.yaml", "NewUser", "user"),
        ("organizations.yaml", "Org", "organization"),
        ("organizations.yaml", "CreateOrganizationRequest", "organization"),
    ],
)
def test_every_property_has_a_place_or_a_reason(file: str, name: str, word: str) -> None:
    theirs = set(leaves(definitions(file), name))
    reasons = set(_LEFT[name])
    assert theirs - mapped(word) - reasons == set(), "neither mapped nor reviewed"
    assert reasons - (theirs - mapped(word)) == set(), "reviewed for nothing"


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("PasswordPolicy", "password_policy"),
        ("PasswordSettings", "password_settings"),
        ("OtpSettings", "otp_settings"),
        ("ResetCredentialsSettings", "reset_credentials_settings"),
        ("TotpSettings", "totp_settings"),
    ],
)
def test_every_property_of_a_section_of_the_pool_has_a_place(name: str, section: str) -> None:
    known = definitions("identitysystem.yaml")
    assert {f"{section}.{leaf}" for leaf in leaves(known, name)} <= mapped("pool")


def test_every_property_of_one_time_codes_has_a_place() -> None:
    theirs = set(leaves(definitions("identitysystem.yaml"), "OtpConfig"))
    ours = {path.rpartition(".")[2] for path in mapped("pool") if path.startswith("otp_settings.activation.")}
    assert theirs == ours


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [("NewUserIdentifier", "identifiers", "identifier"), ("NewUserVerifiableAddress", "addresses", "address")],
)
def test_every_property_of_a_users_lists_has_a_place(name: str, field: str, value: str) -> None:
    known = definitions("identitysystem.yaml")
    children = by_word()["user"].shape.children[field].children
    ours = {child.wire for child in children.values() if child.wire} | {value, "type"}
    assert set(leaves(known, name)) == ours
    types = set(known[name]["properties"]["type"]["enum"])
    assert types == {key for key, child in children.items() if not child.wire}


def test_every_property_of_a_new_credential_is_sent() -> None:
    from pool_as_code.core.secrets import Secret
    from pool_as_code.stores.secureauth.wire import new_credentials

    secrets = {"password.initial": Secret("a"), "totp.secret": Secret("b")}
    flags: Any = {"mustChange": True, "mustReset": True}
    sent = new_credentials({"password": flags, "passkeys": [{"id": [1]}]}, secrets)
    keys = {key for credential in sent for key in as_map(credential)}
    assert keys == set(leaves(definitions("identitysystem.yaml"), "NewUserCredential"))


def test_every_word_of_an_enumeration_is_known() -> None:
    from pool_as_code.resources.pool.password import STRENGTHS
    from pool_as_code.resources.pool.sign_in import METHODS

    known = definitions("identitysystem.yaml")
    policy, settings = known["PasswordPolicy"]["properties"], known["PasswordSettings"]["properties"]
    assert set(policy["strength"]["enum"]) == set(STRENGTHS)
    assert set(known["Pool"]["properties"]["preferred_authentication_mechanism"]["enum"]) == set(METHODS)
    hashing = by_word()["pool"].shape.at(("passwordSettings", "hashingMethod"))
    assert hashing is not None
    assert set(settings["hashing_method"]["enum"]) == set(hashing.annotation.__args__)
    assert set(known["NewUser"]["properties"]["status"]["enum"]) == set(
        by_word()["user"].shape.children["status"].annotation.__args__
    )


def test_every_keyword_of_the_schema_subset_is_known() -> None:
    known = definitions("hub-pools.yaml")
    assert set(known["SupportedJSONSchema"]["properties"]) == set(KEYWORDS)


def test_every_table_of_an_identity_dump_is_read() -> None:
    from pool_as_code.stores.dump.contents import TABLES

    assert set(definitions("identitysystem.yaml")["TenantDump"]["properties"]) == set(TABLES)
