"""Who owns what: two projects and two environments in one store, adoption, release, rename, prune, destroy, protection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pool_as_code.core.errors import InvalidInput, Refused
from pool_as_code.directory import containers, groups, pools, users
from pool_as_code.plan.model import Action
from pool_as_code.resources.state import derived_id
from pool_as_code.stores.base import Scope
from tests.house import House, document, open_cheap, summary

pytestmark = pytest.mark.usefixtures("cheap_hashing")


def pool(name: str = "customers", **metadata: Any) -> dict[str, Any]:
    return document("IdentityPool", {"name": name, **metadata}, description="ours")


def group(name: str, **metadata: Any) -> dict[str, Any]:
    return document("Group", {"name": name, "pool": "customers", **metadata})


def user(name: str, **metadata: Any) -> dict[str, Any]:
    return document("User", {"name": name, "pool": "customers", **metadata}, identifiers=[{"uid": name}])


def a_house(root: Path, name: str, store: Path, *, project: str = "", env: str | None = None, **extra: Any) -> House:
    (root / name).mkdir(exist_ok=True)
    made = House(root / name, store=f"sqlite:///{store}", env=env)
    if project:
        made.project = project
    return made


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "shared.db"


def live_ids(store: Path, kind: str) -> set[str]:
    opened = open_cheap(f"sqlite:///{store}", read_only=True, root=store.parent, environ={})
    try:
        return {o.id for o in opened.read(Scope(kind, everything=True)) if not o.metadata.get("system")}
    finally:
        opened.close()


def blocked(house: House, **options: Any) -> list[str]:
    """The codes that stop an apply, after proving that it writes nothing and exits with 4."""
    before = Path(str(house.store).removeprefix("sqlite:///")).read_bytes()
    with pytest.raises(Refused) as refused:
        house.apply(**options)
    assert refused.value.exit_code == 4
    assert Path(str(house.store).removeprefix("sqlite:///")).read_bytes() == before
    return [d.code for d in refused.value.diagnostics]


def test_two_projects_never_touch_each_others_objects(tmp_path: Path, store: Path) -> None:
    one = a_house(tmp_path, "one", store, project="p-1111111111111111").write([pool("a"), pool("b")])
    two = a_house(tmp_path, "two", store, project="p-2222222222222222").write([pool("c")])
    assert one.apply().state == two.apply().state == "applied"
    one.write([pool("a")])
    two.write([pool("c")])
    assert one.apply(prune=True, max_deletes={"pool": 1}).state == "applied"
    assert live_ids(store, "pool") == {"a", "c"}
    two.write([])
    (two.root / "manifests" / "all.yaml").write_text("")
    assert summary(one.plan()) == {}
    assert one.plan().unmanaged == {"pool": 1}


def test_the_second_project_that_wants_an_id_is_refused_and_nothing_is_written(tmp_path: Path, store: Path) -> None:
    one = a_house(tmp_path, "one", store, project="p-1111111111111111").write([pool("a")])
    two = a_house(tmp_path, "two", store, project="p-2222222222222222").write([pool("a"), pool("free")])
    one.apply()
    assert blocked(two) == ["foreign-owner"]
    assert live_ids(store, "pool") == {"a"}
    two.write([pool("a", adopt=True)])
    assert blocked(two) == ["foreign-owner"]
    two.write([pool("a", adopt={"from": "p-1111111111111111"})])
    (change,) = two.plan().changes
    assert change.action is Action.ADOPT
    assert two.apply().state == "applied"
    assert summary(two.plan()) == {}
    assert blocked(one) == ["foreign-owner"]


def test_two_environments_of_one_project_own_separately(tmp_path: Path, store: Path) -> None:
    environments = {"environments": {"dev": {"store": f"sqlite:///{store}"}, "prod": {"store": f"sqlite:///{store}"}}}
    dev = a_house(tmp_path, "one", store, env="dev").write([pool("a"), pool("b")], extra=environments)
    prod = House(dev.root, store=dev.store, env="prod")
    assert dev.apply().state == "applied"
    assert blocked(prod) == ["foreign-owner", "foreign-owner"]
    prod.write([pool("only-prod")], extra=environments)
    assert prod.apply(prune=True).state == "applied"
    assert live_ids(store, "pool") == {"a", "b", "only-prod"}
    assert House(dev.root, store=dev.store, env="prod").apply(destroy=True, max_deletes={"pool": 1}).state == "applied"
    assert live_ids(store, "pool") == {"a", "b"}


def test_a_part_of_the_project_can_not_prune(tmp_path: Path) -> None:
    house = House(tmp_path).write([pool(), group("staff")])
    house.apply()
    from pool_as_code.app.planning import make_plan
    from pool_as_code.app.request import PlanOptions, Request

    for paths, options in (
        (("manifests/all.yaml",), PlanOptions(prune=True)),
        ((), PlanOptions(prune=True, targets=("group/*",))),
        ((), PlanOptions(destroy=True, targets=("group/*",))),
    ):
        (tmp_path / "manifests" / "more.yaml").write_text(
            '{"apiVersion": "pool-as-code/v1", "kind": "Schema", "metadata": {"name": "s"}}'
        )
        with pytest.raises(InvalidInput) as refused:
            make_plan(Request(cwd=tmp_path, paths=paths), options, print_nothing)
        assert refused.value.diagnostics[0].code == "PAC331"


def print_nothing(line: str) -> None:
    assert line


def test_a_path_plans_a_part_and_knows_the_rest(tmp_path: Path) -> None:
    from pool_as_code.app.planning import make_plan
    from pool_as_code.app.request import PlanOptions, Request

    house = House(tmp_path).write([pool(), group("staff")])
    (tmp_path / "manifests" / "users.yaml").write_text(
        '{"apiVersion": "pool-as-code/v1", "kind": "User", "metadata": {"name": "ada", "pool": "customers"},'
        ' "spec": {"groups": ["staff"]}}'
    )
    house.apply(targets=("pool/*", "group/*"))
    request = Request(cwd=tmp_path, paths=("manifests/users.yaml",))
    plan = make_plan(request, PlanOptions(), print_nothing).plan
    assert summary(plan) == {"user/customers/ada": "create"}
    assert not plan.whole_project
    assert plan.orphaned == ()


@pytest.fixture
def foreign(tmp_path: Path) -> House:
    """A house whose store holds a pool, a group and a user that somebody made by hand."""
    house = House(tmp_path)
    opened = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    pools.create(opened.directory, "customers", {}, {"displayName": "By hand", "description": "kept"})
    groups.create(opened.directory, "g-1", "customers", {}, {"displayName": "Staff"})
    from pool_as_code.directory.starting import NewUser

    users.create(
        opened.directory, NewUser("u-1", "customers", {"identifiers": [{"uid": "ada"}], "status": "active"}, {})
    )
    opened.close()
    return house


def test_an_unowned_object_is_adopted_with_consent_only(foreign: House) -> None:
    foreign.store = f"sqlite:///{foreign.database}"
    foreign.write([document("IdentityPool", {"name": "customers"}, displayName="By hand")])
    assert blocked(foreign) == ["needs-adoption"]
    foreign.write([document("IdentityPool", {"name": "customers", "adopt": True}, displayName="By hand")])
    plan = foreign.plan()
    (change,) = plan.changes
    assert (change.action, change.fields) == (Action.ADOPT, ())
    assert foreign.apply().state == "applied"
    assert summary(foreign.plan()) == {}


def test_an_id_is_consent_and_adopted_objects_are_released_instead_of_deleted(foreign: House) -> None:
    manifest = document("IdentityPool", {"name": "shop", "id": "customers"}, description="new words")
    foreign.write([manifest, document("Schema", {"name": "kept"})])
    assert summary(foreign.plan()) == {"schema/kept": "create", "pool/shop": "adopt"}
    assert foreign.apply().state == "applied"
    foreign.write([document("Schema", {"name": "kept"})])
    plan = foreign.plan(prune=True)
    assert summary(plan) == {"pool/shop": "release"}
    assert foreign.apply(prune=True).state == "applied"
    assert live_ids(foreign.database, "pool") == {"customers"}
    assert summary(foreign.plan(prune=True)) == {}


def test_a_user_found_by_an_identifier_alone_is_somebody_elses_account(foreign: House) -> None:
    foreign.store = f"sqlite:///{foreign.database}"
    base = document("IdentityPool", {"name": "customers", "adopt": True})
    foreign.write([base, user("ada")])
    assert blocked(foreign) == ["needs-adoption"]
    foreign.write([base, user("ada", adopt=True)])
    plan = foreign.plan()
    assert [f.code for f in plan.findings] == ["adopts-credentials"]
    assert foreign.apply().state == "applied"
    assert summary(foreign.plan()) == {}
    assert live_ids(foreign.database, "user") == {"u-1"}


def test_two_live_objects_that_answer_to_one_are_an_error(foreign: House) -> None:
    foreign.write([document("IdentityPool", {"name": "customers", "adopt": True}), group("staff")])
    foreign.apply()
    foreign.write([document("IdentityPool", {"name": "customers", "adopt": True}), group("staff", id="g-1")])
    with pytest.raises(InvalidInput) as refused:
        foreign.plan()
    assert [d.code for d in refused.value.diagnostics] == ["PAC300"]


@pytest.mark.parametrize("metadata", [{"id": "b"}, {"previousNames": ["b"]}, {"id": "nowhere"}])
def test_a_pool_of_ours_is_never_taken_for_another_one(tmp_path: Path, metadata: dict[str, Any]) -> None:
    house = House(tmp_path).write([pool("a"), pool("b")])
    house.apply()
    house.write([pool("a", **metadata)])
    with pytest.raises(InvalidInput) as refused:
        house.plan()
    assert [d.code for d in refused.value.diagnostics] == ["PAC300"]
    house.write([pool("a", id="a"), pool("b")])
    assert summary(house.plan()) == {}


def test_a_rename_keeps_the_object_and_its_members(tmp_path: Path) -> None:
    house = House(tmp_path).write(
        [pool(), group("staff"), document("User", {"name": "ada", "pool": "customers"}, groups=["staff"])]
    )
    house.apply()
    renamed = group("team", previousNames=["staff"])
    house.write([pool(), renamed, document("User", {"name": "ada", "pool": "customers"}, groups=["team"])])
    plan = house.plan()
    assert {c.action for c in plan.changes} == {Action.OWN}
    assert house.apply().state == "applied"
    assert live_ids(house.database, "group") == {derived_id("group", "staff", "customers")}
    assert summary(house.plan(prune=True)) == {}
    house.write([pool(), group("team"), document("User", {"name": "ada", "pool": "customers"}, groups=["team"])])
    assert summary(house.plan()) == {}


def test_protection_outlives_its_manifest(tmp_path: Path) -> None:
    house = House(tmp_path).write([pool(protect=True), document("Schema", {"name": "kept"})])
    house.store = f"sqlite:///{house.database}"
    house.apply()
    house.write([document("Schema", {"name": "kept"})])
    assert blocked(house, prune=True, max_deletes={"pool": 1}) == ["protected"]
    assert blocked(house, destroy=True, max_deletes={"pool": 1, "schema": 1}) == ["protected"]
    house.write([pool(protect=False), document("Schema", {"name": "kept"})])
    assert summary(house.plan()) == {"pool/customers": "own"}
    house.apply()
    house.write([document("Schema", {"name": "kept"})])
    assert house.apply(prune=True, max_deletes={"pool": 1}).state == "applied"
    assert live_ids(house.database, "pool") == set()


def test_destroy_deletes_what_the_project_made_and_guards_apply(tmp_path: Path) -> None:
    house = House(tmp_path).write([pool(), group("staff"), user("ada"), document("Schema", {"name": "s"})])
    house.store = f"sqlite:///{house.database}"
    house.apply()
    codes = blocked(house, destroy=True)
    assert sorted(codes) == ["delete-limit", "delete-limit", "delete-limit", "delete-limit", "pool-with-users"]
    report = house.apply(
        destroy=True, max_deletes={"pool": 1, "group": 1, "user": 1, "schema": 1}, confirm=("pool/customers",)
    )
    assert report.state == "applied"
    assert live_ids(house.database, "pool") == live_ids(house.database, "user") == set()
    assert house.apply(destroy=True).state == "nothing"


def test_self_registered_users_are_never_deleted_one_by_one(foreign: House) -> None:
    base = document("IdentityPool", {"name": "customers", "adopt": True})
    foreign.write([base, user("bob")])
    foreign.apply()
    foreign.write([base])
    plan = foreign.plan(prune=True, max_deletes={"user": 5})
    assert summary(plan) == {"user/customers/bob": "delete"}
    foreign.apply(prune=True, max_deletes={"user": 5})
    assert live_ids(foreign.database, "user") == {"u-1"}
    assert foreign.plan().unmanaged == {"group": 1, "user": 1}


def test_a_workspace_that_has_a_directory_asks_before_a_second_one(tmp_path: Path) -> None:
    house = House(tmp_path)
    opened = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    containers.create(opened.directory, "workspace", "shop", {}, {"displayName": "Shop"})
    pools.create(opened.directory, "made-by-the-service", {"workspace": "shop"}, {"displayName": "Built in"})
    opened.close()
    workspace = document("Workspace", {"name": "shop", "adopt": True})
    house.write([workspace, pool("customers", workspace="shop")])
    assert [f.code for f in house.plan().blocked] == ["second-directory"]
    house.write([workspace, pool("customers", workspace="shop", adopt="builtIn")])
    plan = house.plan()
    assert summary(plan) == {"workspace/shop": "adopt", "pool/customers": "adopt"}
    assert house.apply().state == "applied"
    assert live_ids(house.database, "pool") == {"made-by-the-service"}
    assert summary(house.plan()) == {}
    house.write([workspace, pool("customers", workspace="shop", adopt="builtIn"), pool("two", workspace="shop")])
    assert not house.plan().blocked


def test_an_owned_object_that_is_gone_is_made_again(tmp_path: Path) -> None:
    house = House(tmp_path).write([pool(), group("staff")])
    house.apply()
    opened = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    groups.delete(opened.directory, derived_id("group", "staff", "customers"), "customers")
    opened.close()
    assert house.drift().gone
    assert summary(house.plan()) == {"group/customers/staff": "create"}
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}
    house.write([pool()])
    opened = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    groups.delete(opened.directory, derived_id("group", "staff", "customers"), "customers")
    opened.close()
    assert summary(house.plan()) == {"group/customers/staff": "release"}
    assert house.apply().state == "applied"
    assert summary(house.plan()) == {}


def test_an_identifier_of_our_own_orphan_makes_no_rename(tmp_path: Path) -> None:
    old = document("User", {"name": "old", "pool": "customers"}, identifiers=[{"uid": "ada"}])
    new = document("User", {"name": "new", "pool": "customers"}, identifiers=[{"uid": "ada"}])
    house = House(tmp_path).write([pool(), old])
    house.apply()
    house.write([pool(), new])
    assert summary(house.plan()) == {"user/customers/new": "create"}
    assert [f.code for f in house.plan().blocked] == ["identifier-taken"]
    house.write([pool(), new, document("User", {"name": "old", "pool": "customers", "state": "absent"})])
    options: dict[str, Any] = {"max_deletes": {"user": 1}}
    assert summary(house.plan(**options)) == {"user/customers/old": "delete", "user/customers/new": "create"}
    assert not house.plan(**options).blocked
    assert house.apply(**options).state == "applied"
    assert live_ids(house.database, "user") == {derived_id("user", "new", "customers")}
    assert summary(house.plan()) == {}


def test_a_refused_create_leaves_no_claim(tmp_path: Path) -> None:
    from pool_as_code.app.asking import ids

    house = House(tmp_path).write(
        [pool(), document("Group", {"name": "staff", "pool": "customers"}, displayName="Same")]
    )
    house.apply()
    same = document("Group", {"name": "other", "pool": "customers"}, displayName="Same")
    house.write([pool(), document("Group", {"name": "staff", "pool": "customers"}, displayName="Same"), same])
    assert house.apply(transaction=False).state == "failed"
    assert [str(address) for address, _ in ids(house.request, print_nothing)] == [
        "pool/customers",
        "group/customers/staff",
    ]
