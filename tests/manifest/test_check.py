"""Checks across documents: what good projects may do without a message, and the finer points of what is refused."""

from pathlib import Path

import pytest

from pool_as_code.core.address import Address
from pool_as_code.manifest.check import Surroundings, check
from pool_as_code.manifest.load import load
from pool_as_code.resources.state import Resource, State

HEAD = "apiVersion: pool-as-code/v1\nkind: "


def doc(kind: str, metadata: str, spec: str = "") -> str:
    return f"{HEAD}{kind}\nmetadata: {{{metadata}}}\n" + (f"spec: {{{spec}}}\n" if spec else "")


def user(name: str, spec: str = "", metadata: str = "pool: customers") -> str:
    return doc("User", f"name: {name}, {metadata}", spec)


POOL = doc("IdentityPool", "name: customers")
FOLDING = doc("IdentityPool", "name: customers", "signIn: {identifiersIgnoreCase: true}")


def messages(folder: Path, *documents: str, environ: dict[str, str] | None = None) -> list[str]:
    """`code address summary` of what is told."""
    (folder / "all.yaml").write_text("---\n".join(documents))
    found = load(["all.yaml"], cwd=folder, environ=environ).diagnostics
    return [f"{item.code} {item.address} {item.summary}" for item in found]


# -- references


def test_names_that_need_no_document_are_fine(tmp_path: Path) -> None:
    own = doc("IdentityPool", "name: customers", "signInAt: [$id:w1], schemas: {profile: $default, delegated: $id:s1}")
    assert messages(tmp_path, own, user("ada", "schemas: {profile: $default}")) == []


def test_a_workspace_or_an_organization_may_be_the_parent_of_an_organization(tmp_path: Path) -> None:
    documents = [
        doc("Workspace", "name: shop"),
        doc("Organization", "name: a, parent: shop"),
        doc("Organization", "name: b, parent: a"),
    ]
    assert messages(tmp_path, *documents) == []


def test_a_group_of_another_pool_is_not_meant(tmp_path: Path) -> None:
    found = messages(
        tmp_path,
        POOL,
        doc("IdentityPool", "name: staff"),
        doc("Group", "name: x, pool: staff"),
        user("ada", "groups: [x]"),
    )
    assert found == ["PAC225 user/customers/ada there is no group x in pool customers"]


def test_default_is_no_workspace(tmp_path: Path) -> None:
    found = messages(tmp_path, doc("IdentityPool", "name: customers", "signInAt: [$default]"))
    assert found == ["PAC225 pool/customers $default is no workspace"]


def test_what_is_declared_absent_may_refer_to_what_is_gone(tmp_path: Path) -> None:
    assert messages(tmp_path, user("ada", metadata="pool: customers, state: absent")) == []


def test_what_is_released_may_be_referred_to(tmp_path: Path) -> None:
    documents = [POOL, doc("Group", "name: staff, pool: customers, state: released"), user("ada", "groups: [staff]")]
    assert messages(tmp_path, *documents) == []


# -- rings


def test_a_ring_is_told_once_and_what_hangs_below_it_is_not(tmp_path: Path) -> None:
    groups = {"a": "b", "b": "a", "below": "a", "deeper": "below"}
    documents = [doc("Group", f"name: {name}, pool: customers, parent: {parent}") for name, parent in groups.items()]
    found = messages(tmp_path, POOL, *documents)
    assert found == ["PAC227 group/customers/a group/customers/a stands in itself: a > b > a"]


def test_a_ring_of_organizations_is_told(tmp_path: Path) -> None:
    found = messages(tmp_path, doc("Organization", "name: a, parent: b"), doc("Organization", "name: b, parent: a"))
    assert [line.split()[0] for line in found] == ["PAC227"]


# -- names and ids


def test_two_pools_may_share_a_workspace(tmp_path: Path) -> None:
    pools = [doc("IdentityPool", f"name: {name}, workspace: shop") for name in ("a", "b")]
    assert messages(tmp_path, doc("Workspace", "name: shop"), *pools) == []


def test_a_former_name_that_nobody_has_is_fine(tmp_path: Path) -> None:
    assert messages(tmp_path, doc("IdentityPool", "name: a, previousNames: [b, c]")) == []


def test_a_former_name_can_not_be_the_present_one_nor_that_of_two(tmp_path: Path) -> None:
    found = messages(
        tmp_path,
        doc("IdentityPool", "name: a, previousNames: [a, old]"),
        doc("IdentityPool", "name: b, previousNames: [old]"),
    )
    assert found == [
        "PAC236 pool/a pool/a is its present name",
        "PAC236 pool/b pool/a has the former name pool/old too",
    ]


def test_one_id_twice_is_told_for_users_of_one_pool_only(tmp_path: Path) -> None:
    one, other = "pool: customers, id: u1", "pool: staff, id: u1"
    documents = [POOL, doc("IdentityPool", "name: staff"), user("ada", metadata=one), user("bob", metadata=other)]
    assert messages(tmp_path, *documents) == []
    found = messages(tmp_path, *documents, user("eve", metadata=one))
    assert found == ["PAC237 user/customers/eve user/customers/eve and user/customers/ada have the same id"]


# -- what users hold


def test_an_identifier_counts_once_in_a_pool_whatever_its_type(tmp_path: Path) -> None:
    found = messages(
        tmp_path, POOL, user("ada", "identifiers: [{uid: x1}]"), user("bob", "identifiers: [{external: x1}]")
    )
    assert found == ["PAC228 user/customers/bob user/customers/ada has the same identifier"]


def test_case_counts_as_the_pool_says(tmp_path: Path) -> None:
    users = [user("ada", "identifiers: [{uid: Ada}]"), user("bob", "identifiers: [{uid: ada}]")]
    assert messages(tmp_path, POOL, *users) == []
    assert [line.split()[0] for line in messages(tmp_path, FOLDING, *users)] == ["PAC228"]


def test_one_user_may_have_one_name_as_two_types(tmp_path: Path) -> None:
    assert messages(tmp_path, FOLDING, user("ada", "identifiers: [{uid: Ada@a.example}, {email: ada@a.example}]")) == []


def test_two_pools_do_not_share_identifiers(tmp_path: Path) -> None:
    other = doc("IdentityPool", "name: staff")
    users = [user("ada", "identifiers: [{uid: x}]", f"pool: {name}") for name in ("customers", "staff")]
    assert messages(tmp_path, POOL, other, *users) == []


def test_an_address_may_stand_at_many_until_two_have_verified_it(tmp_path: Path) -> None:
    plain, verified = "addresses: [{email: A@a.example}]", "addresses: [{email: a@a.example, verified: true}]"
    assert messages(tmp_path, POOL, user("ada", plain), user("bob", plain), user("eve", verified)) == []
    found = messages(tmp_path, POOL, user("ada", verified), user("bob", verified.replace("a@a", "A@a")))
    assert found == ["PAC229 user/customers/bob user/customers/ada has the same verified address"]


def test_users_who_are_to_go_hold_nothing(tmp_path: Path) -> None:
    users = [
        user(name, "identifiers: [{uid: x}]", f"pool: customers{state}")
        for name, state in (("ada", ", state: absent"), ("bob", ""))
    ]
    assert messages(tmp_path, POOL, *users) == []


# -- attributes

SCHEMA = doc(
    "Schema", "name: s", "schema: {type: object, properties: {a: {type: string}, b: {type: integer}}, required: [a]}"
)
WITH_SCHEMA = doc("IdentityPool", "name: customers", "schemas: {profile: s, administrative: s}")


@pytest.mark.parametrize(
    "spec", ["", "profile: {a: x}", "profile: {a: x, b: null}, administrative: {a: z, b: 1}", "delegated: {b: x}"]
)
def test_attributes_that_fit_or_are_not_declared_are_fine(tmp_path: Path, spec: str) -> None:
    assert messages(tmp_path, SCHEMA, WITH_SCHEMA, user("ada", spec)) == []


@pytest.mark.parametrize(
    ("spec", "summary"),
    [
        ("profile: {}", "profile does not fit its schema: 'a' is required"),
        ("profile: {a: null}", "profile does not fit its schema: 'a' is required"),
        ("administrative: {a: x, b: no one}", "administrative does not fit its schema: needs type integer"),
    ],
)
def test_attributes_that_do_not_fit_are_told_without_their_values(tmp_path: Path, spec: str, summary: str) -> None:
    assert messages(tmp_path, SCHEMA, WITH_SCHEMA, user("ada", spec)) == [f"PAC254 user/customers/ada {summary}"]


def test_a_user_s_own_schema_goes_before_that_of_the_pool(tmp_path: Path) -> None:
    own = doc("Schema", "name: own", "schema: {type: object, required: [z]}")
    assert messages(tmp_path, SCHEMA, own, WITH_SCHEMA, user("ada", "schemas: {profile: own}, profile: {z: 1}")) == []
    found = messages(
        tmp_path, SCHEMA, own, WITH_SCHEMA, user("ada", "schemas: {profile: own}, profile: {a: x}, administrative: {}")
    )
    assert [line.split(": ")[1] for line in found] == ["'z' is required", "'a' is required"]
    assert messages(tmp_path, SCHEMA, WITH_SCHEMA, user("ada", "schemas: {profile: $default}, profile: {}")) == []


# -- sign-in methods


def test_methods_are_compared_with_the_first_above_that_says_which_are_allowed(tmp_path: Path) -> None:
    above = [
        doc("Workspace", "name: shop", "allowedMethods: [password]"),
        doc("Organization", "name: acme, parent: shop"),
    ]
    pool = doc(
        "IdentityPool", "name: customers, organization: acme", "signIn: {firstFactor: {methods: [password, totp]}}"
    )
    assert messages(tmp_path, *above, pool) == ["PAC238 pool/customers workspace/shop does not allow totp"]
    closer = doc("Organization", "name: acme, parent: shop", "allowedMethods: [password, totp]")
    assert messages(tmp_path, above[0], closer, pool) == []


# -- secrets


@pytest.mark.parametrize(
    "name", ["/etc/ada", "../ada", "a/../../ada", "~/ada", "C:\\\\ada", "\\\\\\\\host\\\\ada", "", "a\\\\..\\\\b"]
)
def test_files_of_secrets_stay_below_the_project(tmp_path: Path, name: str) -> None:
    found = messages(tmp_path, POOL, user("ada", f'password: {{initial: {{fromFile: "{name}"}}}}'))
    assert [line.split()[0] for line in found] == ["PAC249"]


@pytest.mark.parametrize("name", ["ada", "secrets/ada.txt", "..ada", "a..b/c"])
def test_files_below_the_project_are_fine(tmp_path: Path, name: str) -> None:
    assert messages(tmp_path, POOL, user("ada", f"totp: {{secret: {{fromFile: {name}}}}}")) == []


def test_commands_are_switched_on_outside_of_the_manifests_only(tmp_path: Path) -> None:
    documents = [POOL, user("ada", "password: {initial: {fromCommand: pass show ada}}")]
    assert [line.split()[0] for line in messages(tmp_path, *documents)] == ["PAC246"]
    assert messages(tmp_path, *documents, environ={"POOL_AS_CODE_ALLOW_COMMANDS": "1"}) == []


def test_a_hash_may_be_a_reference_or_one_that_can_be_verified(tmp_path: Path) -> None:
    good = "$2b$04$mN5Lnj9Rl3KvLBE5sRGbGu6Yxr3sdxqoH8H4cTfZhd1cJrA9u5j4K"
    for value in ("{fromEnv: ADA_HASH}", f'"{good}"', f'{{value: "{good}", config: {{method: bcrypt}}}}'):
        assert messages(tmp_path, POOL, user("ada", f"password: {{hash: {value}}}")) == []
    found = messages(tmp_path, POOL, user("ada", "password: {hash: {value: sesame, config: {method: rot13}}}"))
    assert [line.split()[0] for line in found] == ["PAC247"]
    assert "sesame" not in found[0]


# -- the check itself


def test_resources_without_an_origin_are_checked_too() -> None:
    lost = Resource(Address("group", "gone/staff"), {"name": "staff", "pool": "gone"}, {})
    (found,) = check(State.made_of([lost]))
    assert (found.problem.code, found.address) == ("PAC225", "group/gone/staff")


def test_what_stands_around_is_known_and_not_told_of() -> None:
    pool = Resource(Address("pool", "customers"), {"name": "customers"}, {"signIn": {"identifiersIgnoreCase": True}})
    around = [
        pool,
        Resource(
            Address("user", "customers/ada"),
            {"name": "ada", "pool": "customers"},
            {"identifiers": [{"uid": "X"}], "groups": ["no"]},
        ),
    ]
    mine = Resource(
        Address("user", "customers/bob"), {"name": "bob", "pool": "customers"}, {"identifiers": [{"uid": "x"}]}
    )
    found = list(check(State.made_of([mine]), Surroundings({one.address: one for one in around})))
    assert [(item.address, item.problem.code) for item in found] == [("user/customers/bob", "PAC228")]
