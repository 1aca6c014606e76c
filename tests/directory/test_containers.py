"""Workspaces and organizations: what lives in them, and who sees whose pools."""

from __future__ import annotations

import pytest

from pool_as_code.core.errors import Conflict, NotFound, Rejected
from pool_as_code.directory import containers, pools
from pool_as_code.directory.directory import Directory
from tests.directory.people import a_pool


@pytest.fixture
def two_shops(directory: Directory) -> Directory:
    for name in ("north", "south"):
        containers.create(directory, "workspace", name, {}, {})
    containers.create(directory, "organization", "acme", {"parent": "north"}, {})
    a_pool(directory, "tenant-wide")
    a_pool(directory, "northern", workspace="north")
    a_pool(directory, "southern", workspace="south")
    a_pool(directory, "acme-staff", organization="acme")
    return directory


def test_a_pool_in_a_workspace_is_invisible_to_the_others(two_shops: Directory) -> None:
    assert pools.visible_to(two_shops, "north") == ["northern"]
    assert pools.visible_to(two_shops, "south") == ["southern"]
    assert pools.visible_to(two_shops, "acme") == ["acme-staff"]
    assert pools.visible_to(two_shops, None) == ["acme-staff", "northern", "southern", "tenant-wide"]
    assert pools.require_visible(two_shops, "northern", "north").id == "northern"
    assert pools.require_visible(two_shops, "northern", None).id == "northern"


def test_asking_for_anothers_pool_is_answered_like_asking_for_none(two_shops: Directory) -> None:
    for id in ("southern", "no-such-pool"):
        with pytest.raises(NotFound) as refused:
            pools.require_visible(two_shops, id, "north")
        assert refused.value.message == f"pool {id!r} does not exist"


def test_a_workspace_sees_the_pools_that_sign_in_there(two_shops: Directory) -> None:
    pools.update(two_shops, "tenant-wide", [(("spec", "signInAt"), ["north", "acme"])])
    assert pools.visible_to(two_shops, "north") == ["northern", "tenant-wide"]
    assert pools.visible_to(two_shops, "south") == ["southern"]
    pools.update(two_shops, "tenant-wide", [(("spec", "signInAt"), [])])
    assert pools.visible_to(two_shops, "north") == ["northern"]


def test_a_new_pool_signs_in_at_its_own_workspace(two_shops: Directory) -> None:
    chosen = {id: pools.require_visible(two_shops, id, None).spec["signInAt"] for id in ("northern", "tenant-wide")}
    assert chosen == {"northern": ["north"], "tenant-wide": []}


@pytest.mark.parametrize(
    ("kind", "id", "word"),
    [("workspace", "south", "1 pool"), ("workspace", "north", "1 pool"), ("organization", "acme", "1 pool")],
)
def test_a_container_with_pools_stays(two_shops: Directory, kind: str, id: str, word: str) -> None:
    with pytest.raises(Conflict) as refused:
        containers.delete(two_shops, kind, id)
    assert word in refused.value.message


def test_a_workspace_with_organizations_stays(two_shops: Directory) -> None:
    pools.delete(two_shops, "northern")
    with pytest.raises(Conflict) as refused:
        containers.delete(two_shops, "workspace", "north")
    assert "1 organization" in refused.value.message


def test_a_workspace_where_others_pools_sign_in_stays(two_shops: Directory) -> None:
    pools.update(two_shops, "tenant-wide", [(("spec", "signInAt"), ["south"])])
    pools.delete(two_shops, "southern")
    with pytest.raises(Conflict) as refused:
        containers.delete(two_shops, "workspace", "south")
    assert "sign" in refused.value.message
    pools.delete(two_shops, "tenant-wide")
    containers.delete(two_shops, "workspace", "south")


def test_pools_and_organizations_do_not_move(two_shops: Directory) -> None:
    with pytest.raises(Rejected):
        pools.update(two_shops, "northern", [(("metadata", "workspace"), "south")])
    with pytest.raises(Rejected):
        pools.update(two_shops, "northern", [(("metadata", "workspace"), None)])
    with pytest.raises(Rejected):
        containers.update(two_shops, "organization", "acme", [(("metadata", "parent"), "south")])


def test_a_pool_lives_in_one_place(two_shops: Directory) -> None:
    with pytest.raises(Rejected):
        a_pool(two_shops, "both", workspace="north", organization="acme")


def test_an_organization_is_no_workspace_for_a_pool_and_the_other_way_round(two_shops: Directory) -> None:
    with pytest.raises(NotFound) as refused:
        a_pool(two_shops, "x", workspace="acme")
    assert "kind: Workspace" in refused.value.hint
    with pytest.raises(NotFound):
        a_pool(two_shops, "x", organization="north")


def test_a_workspace_has_no_parent(two_shops: Directory) -> None:
    with pytest.raises(Rejected):
        containers.create(two_shops, "workspace", "inner", {"parent": "north"}, {})


def test_an_organization_starts_with_its_parents_methods_and_a_workspace_with_all(two_shops: Directory) -> None:
    containers.update(two_shops, "workspace", "north", [(("spec", "allowedMethods"), ["password", "totp"])])
    made = containers.create(two_shops, "organization", "new", {"parent": "north"}, {})
    assert made.spec["allowedMethods"] == ["password", "totp"]
    alone = containers.create(two_shops, "organization", "alone", {}, {})
    assert "webauthn" in str(alone.spec["allowedMethods"])
    none = containers.create(two_shops, "organization", "closed", {"parent": "north"}, {"allowedMethods": []})
    assert none.spec["allowedMethods"] == []
