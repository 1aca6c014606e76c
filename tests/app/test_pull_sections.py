"""Taking over a few fields: `pull --only SECTION --bind` writes these fields and the bindings, the plan of them adopts without a
change, and its apply alters no byte of anything else."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pool_as_code.app.pulling import Pulled, PullOptions, pull_with, write_all
from pool_as_code.core.errors import InvalidInput
from pool_as_code.directory.tables import TABLES
from pool_as_code.plan.model import Action
from pool_as_code.resources.live import Owner
from tests.documents import projects
from tests.house import House, document, open_cheap, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")

OURS = "p-fedcba9876543210"
OF_OWNERSHIP = {"ownership", "runs", "run_changes", "lease"}
SECTIONS = (
    *("displayName", "description", "passwordPolicy", "signIn.firstFactor", "signIn", "schemas", "signInAt", "codes"),
    *("pool.passwordPolicy.minLength", "recovery", "identifiers", "profile", "groups", "status", "schema", "metadata"),
    *("allowedMethods", "extra", "registrationModes", "user.schemas", "administrative", "addresses"),
)


def everything_but_ownership(database: Path) -> dict[str, list[Any]]:
    """Every row of every table of a directory, but for records of who owns what, runs and the lease."""
    connection = sqlite3.connect(database)
    try:
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        assert {table.name for table in TABLES} <= set(names)
        assert set(names) >= OF_OWNERSHIP
        kept = [name for name in names if name not in OF_OWNERSHIP]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in kept}
    finally:
        connection.close()


def disown(house: House) -> None:
    """Make everything in a house's store nobody's."""
    store = open_cheap(f"sqlite:///{house.database}", read_only=False, root=house.root, environ={})
    owner = Owner(house.project, "default")
    store.ledger.drop(owner, list(store.ledger.records(owner)))
    store.close()


def newcomer(house: House, root: Path, project_file: str = "") -> House:
    """A second project without manifests over the first one's store, with an environment."""
    there = dataclasses.replace(house, root=root, project=OURS, env="prod", told=[])
    (root / "manifests").mkdir(parents=True)
    store = f"sqlite:///{house.database}"
    lines = f"apiVersion: pool-as-code/v1\nkind: Project\nid: {OURS}\nname: takeover\nmanifests: [manifests]\n"
    usual = f"environments:\n  prod:  # the tenant\n    store: {store}\n"
    (root / "pool-as-code.yaml").write_text(lines + (project_file or usual))
    return there


def pull_into(
    house: House, *addresses: str, only: tuple[str, ...] = (), bind: bool = True, force: bool = False
) -> Pulled:
    into = house.root / "manifests"
    pulled = pull_with(house.request, PullOptions(addresses, only, bind, into), house.told.append)
    write_all(pulled, into, force)
    return pulled


def project_text(house: House) -> str:
    return (house.root / "pool-as-code.yaml").read_text()


def files(house: House) -> dict[str, str]:
    folder = house.root / "manifests"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


SHOP = [
    document("Workspace", {"name": "web"}, displayName="Web"),
    document("Schema", {"name": "profile"}, displayName="Profile", schema={"type": "object"}),
    document(
        "IdentityPool",
        {"name": "shop", "workspace": "web"},
        displayName="Shop",
        schemas={"profile": "profile"},
        passwordPolicy={"minLength": 8, "digits": 1},
    ),
    document("IdentityPool", {"name": "staff"}, displayName="Staff"),
    document("Group", {"name": "support", "pool": "shop"}, displayName="Support"),
    document(
        "User",
        {"name": "ada", "id": "ada", "pool": "shop"},
        status="new",
        identifiers=[{"uid": "ada"}],
        groups=["support"],
    ),
]


@pytest.fixture
def shop(tmp_path: Path) -> House:
    """A directory with two pools that nobody owns."""
    house = House(tmp_path / "first").write(SHOP)
    house.apply()
    disown(house)
    return house


# -- laws


@given(projects(), st.lists(st.sampled_from(SECTIONS), min_size=1, max_size=4, unique=True), st.booleans())
@settings(max_examples=40)
def test_taking_over_any_sections_adopts_and_alters_no_byte_of_anything_else(
    documents: list[dict[str, Any]], only: list[str], transaction: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        house = House(Path(name) / "first").write(documents)
        assert house.apply().state == "applied"
        disown(house)
        there = newcomer(house, Path(name) / "second")
        with suppress(InvalidInput):  # none of the objects has any of the fields
            pull_into(there, only=tuple(only))
        assume(files(there))
        written = "".join(files(there).values())
        assert "adopt:" not in written
        plan = there.plan()
        assert {change.action for change in plan.changes} == {Action.ADOPT}
        assert [change.fields for change in plan.changes if change.fields] == []
        assert plan.blocked == ()
        before, text = everything_but_ownership(house.database), project_text(there)
        assert there.apply(transaction=transaction).state == "applied"
        assert everything_but_ownership(house.database) == before
        assert summary(there.plan()) == {}
        again = pull_into(there, only=tuple(only), force=True)
        assert (project_text(there), dict(again.bindings)) == (text, {})
        assert summary(there.plan()) == {}


# -- what is written


def test_only_these_fields_are_written_and_the_ids_are_bound(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/shop", only=("passwordPolicy",))
    assert files(there) == {
        "pools/shop.yaml": (
            "apiVersion: pool-as-code/v1\n"
            "kind: IdentityPool\n"
            "metadata: {name: shop}\n"
            "spec:\n"
            "  passwordPolicy: {minLength: 8, digits: 1}\n"
        )
    }
    assert project_text(there).endswith(
        f"  prod:  # the tenant\n    store: sqlite:///{shop.database}\n    bindings:\n      pool/shop: shop\n"
    )
    assert summary(there.plan()) == {"pool/shop": "adopt"}


def test_what_is_referred_to_is_bound_and_not_pulled_along(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "user/shop/ada", "pool/shop", only=("groups", "pool.schemas.profile"))
    assert list(files(there)) == ["pools/shop.yaml", "users/shop.yaml"]
    bound = pull_with(there.request, PullOptions(), there.told.append)
    assert bound.bindings == {}
    text = project_text(there)
    assert [line.split(":")[0].strip() for line in text.splitlines() if line.startswith("      ")] == [
        "group/shop/support",
        "pool/shop",
        "schema/profile",
        "user/shop/ada",
    ]
    assert summary(there.plan()) == {"pool/shop": "adopt", "user/shop/ada": "adopt"}


def test_without_bind_what_is_referred_to_is_said_by_its_id(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/*", only=("schemas.profile", "displayName"), bind=False)
    assert "schemas: {profile: $id:profile}" in files(there)["pools/shop.yaml"]
    assert "metadata: {name: shop, adopt: true}" in files(there)["pools/shop.yaml"]
    plan = there.plan()
    assert summary(plan) == {"pool/shop": "adopt", "pool/staff": "adopt"}
    assert [change.fields for change in plan.changes] == [(), ()]


def test_what_is_pulled_together_refers_by_name(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/shop", "schema/profile", only=("schemas.profile", "schema"), bind=False)
    assert "schemas: {profile: profile}" in files(there)["pools/shop.yaml"]
    assert [change.fields for change in there.plan().changes] == [(), ()]


def test_objects_without_these_fields_are_left_out_and_told(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "*", only=("passwordPolicy",))
    assert list(files(there)) == ["pools/shop.yaml"]
    left_out = [line for line in "\n".join(there.told).splitlines() if "PAC523" in line]
    assert left_out == [
        "info PAC523: left out: workspace/web",
        "info PAC523: left out: schema/profile",
        "info PAC523: left out: pool/staff",
        "info PAC523: left out: group/shop/support",
        "info PAC523: left out: user/shop/ada",
    ]
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, "pool/staff", only=("passwordPolicy",))
    assert [d.code for d in caught.value.diagnostics] == ["PAC512", "PAC523"]


def test_members_of_a_pool_that_nobody_knows_need_a_binding(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/staff", "group/*", only=("displayName",), bind=False)
    assert list(files(there)) == ["pools/staff.yaml"]
    assert any("left out: group/shop/support" in line for line in there.told)
    pull_into(there, "group/*", only=("displayName",))
    assert list(files(there)) == ["pools/shop.yaml", "pools/staff.yaml"]
    assert summary(there.plan()) == {"pool/staff": "adopt", "group/shop/support": "adopt"}


def test_unknown_sections_are_an_error_with_the_nearest_word(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, only=("paswordPolicy", "password_policy", "colour of the sky"))
    assert [(d.code, d.hint) for d in caught.value.diagnostics] == [
        ("PAC522", "did you mean passwordPolicy?"),
        ("PAC522", "write a field's path, such as passwordPolicy or pool.signIn"),
    ]


def test_names_of_bindings_are_kept_and_a_full_pull_writes_no_consent_for_them(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second", "environments: {prod: {bindings: {pool/customers: shop}}}\n")
    there.store = f"sqlite:///{shop.database}"
    pull_into(there, bind=False)
    pools = files(there)["pools/customers.yaml"]
    assert "metadata: {name: customers, workspace: web}" in pools
    assert "pool: customers" in pools
    assert set(summary(there.plan()).values()) == {"adopt"}


def test_all_fields_may_be_bound_too(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there)
    text = "".join(files(there).values())
    assert "adopt" not in text
    assert ", id:" not in text
    assert set(summary(there.plan()).values()) == {"adopt"}
    assert len(there.plan().changes) == len(SHOP)
    there.apply()
    assert summary(there.plan()) == {}
    before = project_text(there), files(there)
    pull_into(there)
    assert (project_text(there), files(there)) == before


# -- where it can not go


def test_bindings_need_an_environment(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second", "maxDeletes: {user: 0}\n")
    there.env, there.store = None, f"sqlite:///{shop.database}"
    with pytest.raises(InvalidInput) as caught:
        pull_into(there)
    (problem,) = caught.value.diagnostics
    assert problem.code == "PAC518"
    (there.root / "pool-as-code.yaml").write_text(project_text(there) + problem.hint.partition("\n\n")[2])
    pull_into(there, "pool/*", only=("displayName",))
    assert "    bindings:\n      pool/shop: shop\n      pool/staff: staff\n" in project_text(there)


def test_what_can_not_be_edited_is_printed_to_be_pasted(shop: House, tmp_path: Path) -> None:
    file = "environments:\n  dev: &all {store: memory://}\n  prod: *all\n"
    there = newcomer(shop, tmp_path / "second", file)
    there.store = f"sqlite:///{shop.database}"
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, "pool/shop", only=("passwordPolicy",))
    (problem,) = caught.value.diagnostics
    assert problem.code == "PAC520"
    assert problem.hint.endswith("environments:\n  prod:\n    bindings:\n      pool/shop: shop\n")
    assert files(there) == {}


def test_an_address_that_is_bound_to_something_else_is_an_error(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second", "environments: {prod: {bindings: {pool/shop: gone}}}\n")
    there.store = f"sqlite:///{shop.database}"
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, "pool/shop", only=("passwordPolicy",))
    assert [d.code for d in caught.value.diagnostics] == ["PAC521"]


def test_a_project_file_that_was_changed_meanwhile_is_not_replaced(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    into = there.root / "manifests"
    pulled = pull_with(there.request, PullOptions(("pool/shop",), ("passwordPolicy",), True, into), there.told.append)
    (there.root / "pool-as-code.yaml").write_text(project_text(there) + "# mine\n")
    with pytest.raises(InvalidInput) as caught:
        write_all(pulled, into, False)
    assert [d.code for d in caught.value.diagnostics] == ["PAC520"]
    assert project_text(there).endswith("# mine\n")
    assert files(there) == {}


def test_no_object_gets_a_second_document(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    mine = document("IdentityPool", {"name": "shop", "adopt": True}, signIn={"totpIssuer": "Shop"})
    (there.root / "manifests" / "mine.yaml").write_text("# by hand\n" + json.dumps(mine, indent=1) + "\n")
    before = project_text(there)
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, "pool/*", only=("passwordPolicy", "displayName"))
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.summary) == ("PAC519", "pool/shop is declared here already")
    assert str(problem.location).endswith("manifests/mine.yaml:6:11")
    assert (list(files(there)), project_text(there)) == (["mine.yaml"], before)
    elsewhere = there.root / "elsewhere"
    pulled = pull_with(there.request, PullOptions(("pool/*",), ("displayName",), False, elsewhere), there.told.append)
    assert len(write_all(pulled, elsewhere, False)) == 2


def test_another_section_into_the_same_file_needs_both_and_force(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/shop", only=("passwordPolicy",))
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, "pool/shop", only=("displayName",))
    assert [(d.code, d.hint) for d in caught.value.diagnostics] == [
        ("PAC511", "name all sections that the file is to hold in one --only, and repeat with --force")
    ]
    pull_into(there, "pool/shop", only=("passwordPolicy", "displayName"), force=True)
    assert "displayName: Shop\n  passwordPolicy: {minLength: 8, digits: 1}\n" in files(there)["pools/shop.yaml"]


def test_fields_that_are_not_managed_yet_come_to_those_that_are(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/shop", only=("passwordPolicy",))
    there.apply()
    pull_into(there, "pool/shop", only=("passwordPolicy", "displayName"), force=True)
    assert "displayName: Shop\n  passwordPolicy: {minLength: 8, digits: 1}\n" in files(there)["pools/shop.yaml"]
    (change,) = there.plan().changes
    assert (change.action, change.ownership and change.ownership.added) == (Action.OWN, ("displayName",))
    before = everything_but_ownership(shop.database)
    there.apply()
    assert everything_but_ownership(shop.database) == before


def test_a_file_is_not_replaced_where_it_declares_more_than_was_asked_for(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/shop", "group/*", only=("displayName",))
    before = files(there)
    with pytest.raises(InvalidInput) as caught:
        pull_into(there, "pool/shop", only=("displayName", "passwordPolicy"), force=True)
    assert [(d.code, d.summary) for d in caught.value.diagnostics] == [
        ("PAC524", "group/shop/support is declared here and was not pulled")
    ]
    assert str(caught.value.diagnostics[0].location).endswith("manifests/pools/shop.yaml:8:18")
    assert files(there) == before


def test_a_name_that_an_object_of_ours_has_is_not_given_to_a_bound_one(shop: House, tmp_path: Path) -> None:
    there = newcomer(shop, tmp_path / "second")
    pull_into(there, "pool/shop", only=("displayName",))
    there.apply()
    text = project_text(there).replace("pool/shop: shop", "pool/shop: staff")
    (there.root / "pool-as-code.yaml").write_text(text)
    pulled = pull_with(there.request, PullOptions(("pool/*",), ("displayName",)), there.told.append)
    assert list(pulled.files) == ["pools/shop.yaml", "pools/staff.yaml"]
    assert "displayName: Shop" in pulled.files["pools/shop.yaml"]
