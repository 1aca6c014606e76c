"""Every finding has a plan in which it stands, and the same project at rest in which it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.directory import containers, pools, profile, schemas, users
from pool_as_code.directory.directory import Directory
from pool_as_code.directory.starting import NewUser
from pool_as_code.plan.findings.catalogue import CATALOGUE
from pool_as_code.resources.state import derived_id
from tests.house import House, document, open_cheap
from tests.repository import ENVIRON, Repository

ADA = derived_id("user", "ada", "customers")


pytestmark = pytest.mark.usefixtures("cheap_hashing")


def pool(policy: int = 8, **metadata: Any) -> dict[str, Any]:
    return document("IdentityPool", {"name": "customers", **metadata}, passwordPolicy={"minLength": policy})


def user(name: str = "ada", about: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return document(
        "User",
        {"name": name, "pool": "customers", **(about or {})},
        **{"status": "active", "identifiers": [{"uid": name}], "profile": {"first_name": "Ada"}, **spec},
    )


def nothing(here: Directory) -> None:
    assert here is not None


def a_pool_by_hand(here: Directory) -> None:
    pools.create(here, "customers", {}, {"displayName": "By hand"})
    users.create(here, NewUser("u-1", "customers", {"identifiers": [{"uid": "ada"}], "status": "active"}, {}))


def a_built_in_directory(here: Directory) -> None:
    containers.create(here, "workspace", "shop", {}, {"displayName": "Shop"})
    pools.create(here, "built-in", {"workspace": "shop"}, {"displayName": "Built in"})


def a_namesake(here: Directory) -> None:
    users.create(here, NewUser("u-1", "customers", {"identifiers": [{"uid": "taken"}], "status": "active"}, {}))


@dataclass
class Example:
    """What is applied, what then happens live, and the plan in which the finding stands. `said` is what the project file says
    then; with `base` the plan is compared with what was applied, which is a commit."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    live: Callable[[Directory], object] = nothing
    options: dict[str, Any] = field(default_factory=dict)
    by: str = "p-0123456789abcdef"
    said: dict[str, Any] = field(default_factory=dict)
    base: bool = False


WORKSPACE = document("Workspace", {"name": "shop"}, allowedMethods=["password"])
SCHEMA = document("Schema", {"name": "old"}, schema={"type": "object", "properties": {"a": {"type": "string"}}})
PASSWORD = {"initial": {"fromEnv": "TEST_PASSWORD"}}

EXAMPLES: dict[str, Example] = {
    "admitted-nowhere": Example([], [document("IdentityPool", {"name": "p"}, signIn={"identifiersIgnoreCase": True})]),
    "adopts-credentials": Example([], [pool(adopt=True), user(about={"adopt": True})], a_pool_by_hand),
    "changed-by-user": Example(
        [pool(), user()],
        [pool(), user()],
        lambda here: profile.set_profile(here, "customers", ADA, {"first_name": "Augusta"}),
    ),
    "delete-limit": Example([pool(), SCHEMA], [pool()], options={"prune": True}),
    "foreign-owner": Example([pool()], [pool()], by="p-9999999999999999"),
    "guard-loosened": Example([pool(protect=True)], [pool()], base=True),
    "guard-tightened": Example([pool()], [pool(protect=True)], base=True),
    "identifier-taken": Example(
        [pool(), user()], [pool(), user(identifiers=[{"uid": "ada"}, {"external": "taken"}])], a_namesake
    ),
    "immutable-field": Example([WORKSPACE, pool()], [WORKSPACE, pool(workspace="shop")]),
    "left-out": Example([], [pool(), user()], options={"targets": ("user/*",)}),
    "looks-like-rename": Example([pool(), SCHEMA], [pool(), {**SCHEMA, "metadata": {"name": "new"}}]),
    "method-not-allowed": Example(
        [WORKSPACE],
        [
            WORKSPACE,
            document(
                "IdentityPool",
                {"name": "p", "workspace": "shop"},
                signIn={"firstFactor": {"methods": ["password", "webauthn"]}},
            ),
        ],
    ),
    "needs-adoption": Example([], [pool()], a_pool_by_hand),
    "not-ours": Example(
        [pool()],
        [pool(), document("Schema", {"name": "nobodys", "state": "absent"})],
        lambda here: schemas.create(here, "nobodys", {}, {"schema": {"type": "object"}}),
    ),
    "password-set-once": Example(
        [pool(), user(password=PASSWORD)], [pool(), user(password={"initial": {"fromEnv": "OTHER"}})]
    ),
    "pool-with-users": Example([pool(), user()], [], options={"prune": True, "max_deletes": {"pool": 1, "user": 1}}),
    "protected": Example([pool(protect=True)], [], options={"prune": True, "max_deletes": {"pool": 1}}),
    "reactivates-user": Example(
        [pool(), user()], [pool(), user()], lambda here: profile.set_status(here, "customers", ADA, "inactive")
    ),
    "reverts-live-change": Example(
        [pool(8)],
        [pool(8)],
        lambda here: pools.update(here, "customers", [(("spec", "passwordPolicy", "minLength"), 14)]),
    ),
    "second-directory": Example(
        [], [pool(workspace="shop"), {**WORKSPACE, "metadata": {"name": "shop", "adopt": True}}], a_built_in_directory
    ),
    "test-in-protected": Example(
        [pool()],
        [pool(), user(about={"labels": {"purpose": "test"}})],
        said={"environments": {"default": {"protected": True}}, "defaultEnvironment": "default"},
    ),
    "weakens-security": Example([pool(12)], [pool(8)]),
}


OF_THE_SERVICE = {
    "missing-precondition",
    "not-expressible",
    "not-read",
    "missing-right",
    "ownership-full",
}  # their examples: tests/stores/secureauth/test_end_to_end.py, test_reading_as_admin.py, test_rights.py


def test_every_finding_has_an_example() -> None:
    assert set(EXAMPLES) | OF_THE_SERVICE == {doc.code for doc in CATALOGUE}


@pytest.mark.parametrize("code", EXAMPLES)
def test_a_finding_stands_where_it_should_and_nowhere_else(code: str, tmp_path: Path) -> None:
    example = EXAMPLES[code]
    house = House(tmp_path)
    keep = document("Schema", {"name": "kept"})
    house.write([*example.before, keep])
    assert house.apply().state == "applied"
    assert code not in [finding.code for finding in house.plan().findings]

    store = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    example.live(store.directory)
    store.close()
    if example.base:
        Repository.new(tmp_path).commit()
        house.base, house.environ = "HEAD", {**house.environ, **ENVIRON}
    house.project = example.by
    house.write([*example.after, keep] if example.by.startswith("p-0") else example.after, extra=example.said)
    found = [finding for finding in house.plan(**example.options).findings if finding.code == code]
    assert len(found) == 1
    assert found[0].reason
    assert found[0].next_step or code in ("changed-by-user", "guard-tightened", "weakens-security")


def test_a_revert_to_something_weaker_blocks(tmp_path: Path) -> None:
    house = House(tmp_path).write([pool(8)])
    house.apply()
    store = open_cheap("sqlite:///.pool-as-code/directory.db", read_only=False, root=tmp_path, environ={})
    pools.update(store.directory, "customers", [(("spec", "passwordPolicy", "minLength"), 14)])
    store.close()
    (finding,) = house.plan().blocked
    assert finding.code == "reverts-live-change"
    allowed = house.plan(allow=("reverts-live-change@pool/customers",))
    assert not allowed.blocked
    assert house.apply(allow=("reverts-live-change",)).state == "applied"
