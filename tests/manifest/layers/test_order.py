"""The order of layers: what wins over what, proved by a table; and each layer's own rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pool_as_code.core.address import Address
from pool_as_code.core.values import JsonMap, JsonValue
from tests.manifest.layers.layered import Layered, details, document, for_each, made_pool, messages, patch, pool

POLICY = "passwordPolicy"


def policy(value: JsonValue) -> JsonMap:
    return {POLICY: {"minLength": value}}


# Each layer says another minLength. The table says which ones are there, from the weakest to the strongest; the last one wins.
LAYERS = ("base", "patch of the base", "environment's patch of the base", "own", "patch", "environment's patch")
NUMBERS = {"base": 10, "patch of the base": 11, "environment's patch of the base": 12, "own": 13, "patch": 14}
NUMBERS["environment's patch"] = 15


@pytest.mark.parametrize("strongest", range(len(LAYERS)))
@pytest.mark.parametrize("made_by_a_row", [False, True])
def test_the_strongest_layer_wins(tmp_path: Path, strongest: int, made_by_a_row: bool) -> None:
    there = LAYERS[: strongest + 1]
    environment_patches: list[JsonValue] = [
        {"targets": [target], "merge": {"spec": policy(NUMBERS[layer])}}
        for layer, target in (("environment's patch of the base", "pool/base"), ("environment's patch", "pool/a"))
        if layer in there
    ]
    own: JsonMap = policy(13) if "own" in there else {"description": "nothing else"}
    documents = [
        pool("base", policy(10), abstract=True),
        for_each([made_pool(extends="base", spec=own)], rows=[{"name": "a"}])
        if made_by_a_row
        else pool("a", own, extends="base"),
    ]
    if "patch of the base" in there:
        documents.append(patch(policy(11), ["pool/base"]))
    if "patch" in there:
        documents.append(patch(policy(14), ["pool/a"], name="q"))
    project = Layered(tmp_path, {"environments": {"dev": {"patches": environment_patches}}})
    project.write(*documents)
    assert project.spec(env="dev")[POLICY] == {"minLength": NUMBERS[LAYERS[strongest]]}


SAID_BY = ("project", "environment", "PAC_VAR_", "--var")


@pytest.mark.parametrize("strongest", range(len(SAID_BY)))
def test_a_variable_has_the_value_of_who_is_nearest_to_the_keyboard(tmp_path: Path, strongest: int) -> None:
    there = SAID_BY[: strongest + 1]
    environment: JsonMap = {"variables": {"n": 5}} if "environment" in there else {}
    project = Layered(tmp_path, {"variables": {"n": 4}, "environments": {"dev": environment}})
    project.write(pool("a", policy("${var.n}")))
    loaded = project.load(
        "dev",
        environ={"PAC_VAR_n": "6"} if "PAC_VAR_" in there else {},
        variables={"n": "7"} if "--var" in there else {},
    )
    assert messages(loaded) == []
    assert loaded.state.resources[Address("pool", "a")].spec[POLICY] == {"minLength": 4 + strongest}
    words = ["project", "environment dev", "PAC_VAR_n", "--var"]
    assert loaded.variables.said["n"].by == words[strongest]


def test_variables_are_put_in_last_so_that_a_patch_and_a_base_may_hold_them(tmp_path: Path) -> None:
    project = Layered(tmp_path, {"variables": {"low": 8, "word": "shop"}})
    project.write(
        pool("base", {"description": "of ${var.word}"}, abstract=True),
        pool("a", None, extends="base"),
        patch(policy("${var.low}"), ["pool/a"]),
    )
    assert project.spec() == {"description": "of shop", POLICY: {"minLength": 8}}


def test_patches_come_in_the_order_of_files_and_documents(tmp_path: Path) -> None:
    project = Layered(tmp_path)
    project.write(
        pool("a"),
        patch({"description": "1", "badgeColor": "#000001"}, ["pool/a"], name="p1"),
        patch({"description": "2"}, ["pool/*"], name="p2"),
        b__yaml=patch({"badgeColor": "#000003"}, ["pool/[ab]"], name="p3"),
    )
    assert project.spec() == {"description": "2", "badgeColor": "#000003"}


def test_a_part_of_a_project_has_the_patches_and_bases_of_the_whole(tmp_path: Path) -> None:
    project = Layered(tmp_path)
    project.write(
        pool("base", policy(10), abstract=True),
        patch({"description": "patched"}, ["pool/a"]),
        a__yaml=pool("a", extends="base"),
        b__yaml=pool("b", extends="nix"),
    )
    loaded = project.load(sources=("manifests/a.yaml",))
    assert messages(loaded) == []
    assert {str(r.address): r.spec for r in loaded.state} == {"pool/a": {"description": "patched", **policy(10)}}


# -- extends


def test_maps_are_merged_lists_replaced_and_null_carried_through(tmp_path: Path) -> None:
    base: JsonMap = {
        "signIn": {"firstFactor": {"methods": ["password", "webauthn"], "preferred": "password"}},
        "description": "base",
        POLICY: {"minLength": 10, "digits": 1},
    }
    own: JsonMap = {"signIn": {"firstFactor": {"methods": ["password"]}}, "description": None, POLICY: {"digits": None}}
    project = Layered(tmp_path).write(pool("base", base, abstract=True), pool("a", own, extends="base"))
    assert project.spec() == {
        "signIn": {"firstFactor": {"methods": ["password"], "preferred": "password"}},
        "description": None,
        POLICY: {"minLength": 10, "digits": None},
    }


def test_what_says_which_object_it_is_is_not_inherited(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        document("Workspace", {"name": "shop"}),
        pool(
            "base",
            {"description": "b"},
            id="live-id",
            adopt=True,
            protect=True,
            previousNames=["old"],
            labels={"tier": "gold", "team": "one"},
            workspace="shop",
        ),
        pool("a", extends="base", labels={"team": "two"}),
    )
    resource = project.resource()
    assert resource.metadata == {"name": "a", "labels": {"tier": "gold", "team": "two"}, "workspace": "shop"}
    assert resource.spec == {"description": "b"}


def test_an_own_place_to_live_replaces_the_inherited_one_of_the_other_sort(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        document("Workspace", {"name": "shop"}),
        document("Organization", {"name": "acme"}),
        pool("base", abstract=True, workspace="shop"),
        pool("a", extends="base", organization="acme"),
    )
    assert project.resource().metadata == {"name": "a", "organization": "acme"}


def test_a_base_may_extend_another_one_and_is_never_created(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("far", {"description": "far", **policy(9)}, abstract=True),
        pool("near", policy(12), abstract=True, extends="far"),
        pool("a", extends="near"),
        pool("b", {"description": "own"}, extends="a"),
    )
    loaded = project.load()
    assert messages(loaded) == []
    assert {str(r.address): r.spec for r in loaded.state} == {
        "pool/a": {"description": "far", **policy(12)},
        "pool/b": {"description": "own", **policy(12)},
    }
    assert loaded.documents == {"IdentityPool": 2}


def test_bases_of_what_lives_in_a_pool_stand_in_it_or_in_none(tmp_path: Path) -> None:
    def user(name: str, *, within: str | None = None, spec: JsonMap | None = None, **metadata: JsonValue) -> str:
        place: JsonMap = {"pool": within} if within else {}
        return document("User", {"name": name, **place, **metadata}, spec)

    project = Layered(tmp_path).write(
        pool("a"),
        pool("b"),
        user("plain", spec={"status": "active"}, abstract=True),
        user("plain", within="b", spec={"status": "inactive"}, abstract=True),
        user("ada", within="a", extends="plain"),
        user("bob", within="b", extends="plain"),
        user("cec", within="a", extends="b/plain"),
    )
    assert project.spec("user/a/ada") == {"status": "active"}
    assert project.spec("user/b/bob") == {"status": "inactive"}
    assert project.spec("user/a/cec") == {"status": "inactive"}


def test_a_missing_base_a_ring_and_a_broken_base_are_told_where_they_are_named(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("strict", {"signIn": {}}, abstract=True),
        pool("a", extends="strikt"),
        pool("b", extends="c"),
        pool("c", extends="b"),
        document("Group", {"name": "g", "pool": "d", "extends": "strict"}),
        pool("d"),
    )
    assert messages(project.load()) == [
        "all.yaml:8 PAC170 there is no IdentityPool strikt to extend",
        "all.yaml:12 PAC171 documents extend each other in a ring: c > b > c",
        "all.yaml:16 PAC171 documents extend each other in a ring: b > c > b",
        "all.yaml:20 PAC170 there is no Group strict to extend",
    ]
    assert project.load().diagnostics[0].hint == "did you mean strict?"
    project.write(pool("strict", {"nix": 1}, adopt=7), pool("a", extends="strict"))
    assert "all.yaml:8 PAC170 the base strict can not be read" in messages(project.load())


def test_a_long_chain_of_bases_is_refused_and_a_shorter_one_is_not(tmp_path: Path) -> None:
    def chain(length: int) -> list[str]:
        links = [pool(f"p{n}", extends=f"p{n + 1}", abstract=True) for n in range(length)]
        return [pool("a", extends="p0"), *links, pool(f"p{length}", policy(9), abstract=True)]

    assert Layered(tmp_path).write(*chain(60)).spec() == policy(9)
    codes = {item.code for item in Layered(tmp_path).write(*chain(3_000)).load().diagnostics}
    assert codes == {"PAC172"}


def test_a_document_that_a_patch_makes_valid_is_valid(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("a", {"badgeColor": "to be set", "passwordPolicy": "to be set"}),
        patch({"badgeColor": "#000001", "passwordPolicy": {"minLength": 9}}, ["pool/a"]),
        pool("b", {"badgeColor": "to be set"}),
    )
    loaded = project.load()
    assert messages(loaded) == ["all.yaml:14 PAC208 badgeColor needs a colour such as #007FFF"]
    assert loaded.state.resources[Address("pool", "a")].spec == {"badgeColor": "#000001", **policy(9)}


def test_what_is_wrong_in_a_base_is_told_once_where_it_stands(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("base", {"badgeColor": "red"}, abstract=True), *(pool(f"p{n}", extends="base") for n in range(9))
    )
    loaded = project.load()
    assert messages(loaded) == ["all.yaml:4 PAC208 badgeColor needs a colour such as #007FFF"]
    assert details(loaded) == ["found the text 'red'; in pool/base, pool/p0, pool/p1 and 7 more"]


def test_an_abstract_document_may_lack_what_its_heirs_bring_and_is_checked_for_the_rest(tmp_path: Path) -> None:
    user = document("User", {"name": "u", "abstract": True}, {"status": "gone"})
    assert messages(Layered(tmp_path).write(user).load()) == [
        "all.yaml:4 PAC206 status must be one of new, active, inactive, deleted"
    ]


# -- $unset


def test_unset_makes_inherited_and_patched_fields_undeclared(tmp_path: Path) -> None:
    base: JsonMap = {POLICY: {"minLength": 10, "digits": 1, "history": 3}, "description": "b", "badgeColor": "#000000"}
    project = Layered(tmp_path).write(
        pool("base", base, abstract=True),
        pool("a", {"$unset": ["description", f"{POLICY}.digits"], POLICY: {"$unset": ["history"]}}, extends="base"),
        patch({"$unset": ["badgeColor"]}, ["pool/a"]),
        pool("b", {"description": "own", "badgeColor": "#000001"}),
        patch({"$unset": ["description"]}, ["pool/b"], name="q"),
    )
    assert project.spec() == policy(10)
    assert project.spec("pool/b") == {"badgeColor": "#000001"}


def test_a_patch_takes_out_what_the_document_has_itself_and_what_it_inherits(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("base", {"description": "base", **policy(9)}, abstract=True),
        pool("a", {"description": "own"}, extends="base"),
        patch({"$unset": ["description"]}, ["pool/a"]),
    )
    assert project.spec() == policy(9)


def test_an_unset_that_takes_out_nothing_or_stands_in_the_wrong_place_is_an_error(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("base", policy(9), abstract=True),
        pool("a", {"$unset": [f"{POLICY}.digits"]}, extends="base"),
        pool("b", {"$unset": ["description"]}),
        pool("c", {"$unset": "description"}, extends="base"),
        pool("d", {"$unset": ["signIn.firstFactor.methods[password]"]}, extends="base"),
        pool("e"),
        patch({"$unset": ["description"]}, ["pool/e"]),
        patch({"$unset": []}, ["pool/e"], name="q"),
    )
    assert messages(project.load()) == [
        "all.yaml:9 PAC164 $unset takes nothing out of pool/a",
        "all.yaml:14 PAC165 $unset has nothing to take out",
        "all.yaml:19 PAC165 $unset is a list of field paths",
        "all.yaml:24 PAC165 $unset is a list of field paths",
        "all.yaml:33 PAC164 $unset takes nothing out of pool/e",
        "all.yaml:38 PAC165 $unset is a list of field paths",
    ]


# -- Patch


def test_a_patch_is_for_documents_that_answer_to_targets_and_selector(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("a", labels={"tier": "gold", "team": "x"}),
        pool("b", labels={"tier": "gold"}),
        pool("c", labels={"tier": "silver"}),
        pool("d"),
        patch({"description": "gold"}, selector={"tier": "gold"}),
        patch({"badgeColor": "#000001"}, ["pool/*"], {"tier": "gold", "team": "x"}, name="q"),
        patch(policy(9), ["pool/d", "pool/c"], name="r"),
    )
    specs = {r.address.name: r.spec for r in project.load().state}
    assert specs == {
        "a": {"description": "gold", "badgeColor": "#000001"},
        "b": {"description": "gold"},
        "c": policy(9),
        "d": policy(9),
    }


def test_a_patch_that_says_nothing_patches_nothing_or_changes_a_name_is_an_error(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        pool("customers", labels={"tier": "gold"}),
        patch({"description": "x"}),
        patch({}, ["pool/customers"], name="q"),
        patch({"description": "x"}, ["pool/customer"], name="r"),
        patch({"description": "x"}, selector={"tier": "silver"}, name="s"),
        document("Patch", {"name": "t"}, {"targets": ["pool/*"], "merge": {"metadata": {"name": "z", "pool": "y"}}}),
        document("Patch", {"name": "u"}, {"target": "pool/*", "merge": {"spec": {"description": "x"}}}),
    )
    loaded = project.load()
    assert messages(loaded) == [
        "all.yaml:8 PAC160 the patch says nothing about which documents it is for",
        "all.yaml:13 PAC161 the patch changes nothing",
        "all.yaml:18 PAC163 no document answers to pool/customer",
        "all.yaml:23 PAC163 no document has the labels tier: silver",
        "all.yaml:28 PAC162 a patch can not change metadata.name",
        "all.yaml:28 PAC162 a patch can not change metadata.pool",
        "all.yaml:33 PAC203 unknown key 'target' in spec",
    ]
    assert loaded.diagnostics[2].hint == "did you mean pool/customers?"


def test_what_an_environments_patch_breaks_is_told_in_the_project_file(tmp_path: Path) -> None:
    merge: JsonMap = {"spec": {POLICY: {"minLength": "long"}, "nix": 1}}
    project = Layered(tmp_path, {"environments": {"dev": {"patches": [{"targets": ["pool/*"], "merge": merge}]}}})
    loaded = project.write(pool("a"), pool("b")).load("dev")
    assert messages(loaded) == [
        "pool-as-code.yaml:5 PAC205 passwordPolicy.minLength needs a whole number from 0 to 1,000,000",
        "pool-as-code.yaml:5 PAC203 unknown key 'nix' in spec",
    ]
    assert all(detail.endswith("in pool/a, pool/b") for detail in details(loaded))


# -- variables


def test_a_placeholder_alone_has_the_type_of_its_variable(tmp_path: Path) -> None:
    variables: JsonMap = {
        "count": 3,
        "on": True,
        "methods": ["password", "webauthn"],
        "host": "example.com",
        "more": {"type": "map", "default": {"digits": 1}},
    }
    spec: JsonMap = {
        POLICY: "${var.more}",
        "poolLimits": {"passkeysPerUser": "${var.count}"},
        "signIn": {"identifiersIgnoreCase": "${var.on}", "firstFactor": {"methods": "${var.methods}"}},
        "description": "${var.count} at ${var.host}, ${var.on}; $${var.host} and $${",
    }
    assert Layered(tmp_path, {"variables": variables}).write(pool("a", spec)).spec() == {
        POLICY: {"digits": 1},
        "poolLimits": {"passkeysPerUser": 3},
        "signIn": {"identifiersIgnoreCase": True, "firstFactor": {"methods": ["password", "webauthn"]}},
        "description": "3 at example.com, true; ${var.host} and ${",
    }


def test_the_value_of_a_variable_is_never_looked_at_for_placeholders(tmp_path: Path) -> None:
    project = Layered(tmp_path, {"variables": {"a": "${var.b}", "b": "secret"}})
    assert project.write(pool("a", {"description": "${var.a} ${var.a}"})).spec() == {"description": "${var.b} ${var.b}"}


@pytest.mark.parametrize(
    ("type", "text", "value"),
    [
        ("text", "010", "010"),
        ("integer", "12", 12),
        ("integer", "1.5", None),
        ("number", "2", 2),
        ("number", "0.5", 0.5),
        ("boolean", "true", True),
        ("boolean", "yes", None),
        ("list", "[a, b]", ["a", "b"]),
        ("list", "a", None),
        ("map", "{a: 1}", {"a": 1}),
        ("map", "{a: 1", None),
        ("integer", "", None),
    ],
)
def test_a_text_from_outside_is_read_as_the_variables_type(
    tmp_path: Path, type: str, text: str, value: JsonValue
) -> None:
    project = Layered(tmp_path, {"variables": {"v": {"type": type}}}).write(pool("a"))
    loaded = project.load(variables={"v": text})
    if value is None:
        assert [item.code for item in loaded.diagnostics] == ["PAC182"]
    else:
        assert loaded.variables.said["v"].value == value
        assert messages(loaded) == []


def test_a_value_of_another_type_is_told_once_and_not_by_every_document_that_uses_it(tmp_path: Path) -> None:
    project = Layered(tmp_path, {"variables": {"n": 8}}).write(
        pool("a", policy("${var.n}")), pool("b", policy("${var.n}"))
    )
    assert messages(project.load(variables={"n": "many"})) == ["PAC182 --var: variable n needs a whole number"]


def test_a_variable_nobody_declared_or_gave_a_value_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    more: JsonMap = {
        "variables": {"host": {"type": "text"}},
        "environments": {"dev": {"variables": {"host": "x"}}, "prod": {}},
    }
    project = Layered(tmp_path, more).write(pool("a", {"description": "${var.hots} ${var.host}"}))
    assert messages(project.load("dev")) == ["all.yaml:4 PAC180 variable hots has no value in environment dev"]
    loaded = project.load("prod", variables={"hst": "x"})
    assert messages(loaded) == [
        "PAC181 --var hst: there is no such variable",
        "all.yaml:4 PAC180 variable hots has no value in environment prod",
        "all.yaml:4 PAC180 variable host has no value in environment prod",
    ]
    assert [item.hint for item in loaded.diagnostics] == [
        "did you mean host?",
        "did you mean host?",
        "say its value: --var host=..., PAC_VAR_host, or variables of the environment",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("${vars.host}", "PAC175"),
        ("${host}", "PAC175"),
        ("${var.host", "PAC175"),
        ("${}", "PAC175"),
        ("${row.host}", "PAC175"),
        ("${var.list} of", "PAC177"),
    ],
)
def test_what_looks_like_a_placeholder_and_is_none_is_an_error(tmp_path: Path, text: str, code: str) -> None:
    project = Layered(tmp_path, {"variables": {"host": "x", "list": ["a"]}}).write(pool("a", {"description": text}))
    assert [item.code for item in project.load().diagnostics] == [code]


@pytest.mark.parametrize(
    "document",
    [
        pool("${var.v}"),
        pool("a", labels={"x": "${var.v}"}),
        pool("a", previousNames=["${var.v}"]),
        document("Group", {"name": "g", "pool": "${var.v}"}),
        pool("a", {"metadata": {"${var.v}": {}}}),
    ],
)
def test_variables_make_up_no_names(tmp_path: Path, document: str) -> None:
    project = Layered(tmp_path, {"variables": {"v": "x"}}).write(document)
    assert {item.code for item in project.load().diagnostics} & {"PAC175", "PAC176"}


def test_the_project_file_is_judged_for_its_variables(tmp_path: Path) -> None:
    from pool_as_code.core.errors import InvalidInput

    more: JsonMap = {
        "variables": {"n": {"type": "integer", "default": "x"}, "host": "a"},
        "environments": {"dev": {"variables": {"hots": "b", "host": 3}}},
    }
    project = Layered(tmp_path, more).write(pool("a"))
    with pytest.raises(InvalidInput) as refused:
        project.load("dev")
    assert [f"{item.code} {item.summary}" for item in refused.value.diagnostics] == [
        "PAC182 variable n needs a whole number",
        "PAC181 the project declares no variable hots",
        "PAC182 variable host needs a text",
    ]


def test_a_literal_secret_does_not_pass_as_a_variable(tmp_path: Path) -> None:
    user = document("User", {"name": "u", "pool": "a"}, {"password": {"initial": "${var.secret}"}})
    project = Layered(tmp_path, {"variables": {"secret": {"type": "text"}}}).write(pool("a"), user)
    loaded = project.load(variables={"secret": "hunter2-hunter2"})
    assert [item.code for item in loaded.diagnostics] == ["PAC213"]
    assert "hunter2" not in repr(loaded.diagnostics)


@pytest.mark.parametrize("spec", [5, "text", ["displayName"], None])
def test_a_spec_that_is_no_map_is_refused_over_a_base_as_well(tmp_path: Path, spec: JsonValue) -> None:
    child = pool("a", {}, extends="base").replace("spec: {}", f"spec: {json.dumps(spec)}")
    loaded = Layered(tmp_path).write(pool("base", policy(12), abstract=True), child).load()
    assert [item.code for item in loaded.diagnostics] == ["PAC212" if spec is None else "PAC205"]


def test_a_document_with_patches_counts_once(tmp_path: Path) -> None:
    patches = [patch(policy(number), ["pool/a"], name=f"p{number}") for number in (12, 13)]
    loaded = Layered(tmp_path).write(pool("a", policy(8)), pool("b"), *patches).load()
    assert loaded.documents == {"IdentityPool": 2}
