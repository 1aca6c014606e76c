"""Linting a project: environments, places, waivers of the project file, parts, and manifests with errors."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.app.linting import Linting, lint
from pool_as_code.app.request import Request
from pool_as_code.app.validating import validate
from pool_as_code.core import clock
from pool_as_code.core.diagnostics import Severity
from pool_as_code.core.edits import apply_edits
from pool_as_code.core.errors import InvalidInput

PROJECT = "apiVersion: pool-as-code/v1\nkind: Project\nid: p-0123456789abcdef\nname: shop\nmanifests: [manifests]\n"
POOL = """\
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata: {name: customers}
spec:
  signIn:
    firstFactor: {methods: [password]}
    secondFactor:
      methods: [totp]
      skipIfNotEnrolled: true
    identifiersIgnoreCase: true
    totpIssuer: Shop
  passwordPolicy: {minLength: 12, strength: strong}
"""
THREE = "environments: {dev: {}, stage: {manifests: [stage]}, prod: {protected: true}}\n"
WAIVER = "waivers:\n  - {rule: second-factor-skippable, address: pool/*, reason: until all are enrolled, expires: 2026-12-31}\n"


@pytest.fixture(autouse=True)
def summer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the first of June 2026."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 1, 12, tzinfo=UTC))


def project(folder: Path, more: str = "", **files: str) -> Path:
    """A project with the pool, and further files by path (`__` for a slash)."""
    (folder / "pool-as-code.yaml").write_text(PROJECT + more)
    for name, text in {"manifests__pool": POOL, **files}.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def linted(folder: Path, *paths: str, **asked: Any) -> Linting:
    return lint(Request(paths=paths, cwd=folder, **asked))


def standing(found: Linting) -> list[tuple[str, str]]:
    return [(told.rule.name, told.diagnostic.address) for told in found.breaches]


def test_a_breach_has_its_place_its_object_its_reason_and_a_repair(tmp_path: Path) -> None:
    (told,) = linted(project(tmp_path)).breaches
    item = told.diagnostic
    assert (item.code, item.severity, item.address) == ("PAC411", Severity.WARN, "pool/customers")
    assert str(item.location) == "manifests/pool.yaml:9:26"
    assert item.detail
    assert item.hint
    repaired = apply_edits(POOL, item.edits)
    assert repaired == POOL.replace("skipIfNotEnrolled: true", "skipIfNotEnrolled: false")
    project(tmp_path, manifests__pool=repaired)
    assert linted(tmp_path).breaches == ()


def test_all_environments_are_judged_and_a_breach_is_told_once(tmp_path: Path) -> None:
    found = linted(project(tmp_path, THREE, stage__more=POOL.replace("customers", "staff")))
    assert found.environments == ("dev", "stage", "prod")
    told = {(told.rule.name, told.diagnostic.address): told.environments for told in found.breaches}
    assert told == {
        ("second-factor-skippable", "pool/customers"): ("dev", "stage", "prod"),
        ("second-factor-skippable", "pool/staff"): ("stage",),
        ("pool-not-protected", "pool/customers"): ("prod",),
    }


def test_a_schema_that_one_environment_uses_is_not_blamed_in_the_others(tmp_path: Path) -> None:
    schemas = "".join(
        f"---\napiVersion: pool-as-code/v1\nkind: Schema\nmetadata: {{name: {name}}}\nspec: {{}}\n" for name in "ab"
    )
    using = POOL.replace("customers", "staff") + "  schemas: {profile: a}\n"
    project(tmp_path, THREE, stage__more=using, manifests__schemas=schemas.removeprefix("---\n"))
    assert ("schema-unused", "schema/b") in standing(linted(tmp_path))
    assert ("schema-unused", "schema/a") not in standing(linted(tmp_path))
    assert "schema-unused" not in dict(standing(linted(tmp_path, env="dev")))


def test_one_environment_alone_is_judged_when_it_is_asked_for(tmp_path: Path) -> None:
    found = linted(project(tmp_path, THREE, stage__more=POOL.replace("customers", "staff")), env="prod")
    assert standing(found) == [("pool-not-protected", "pool/customers"), ("second-factor-skippable", "pool/customers")]


def test_the_project_file_says_what_applies_and_how_much_it_matters(tmp_path: Path) -> None:
    project(tmp_path, "rules: {second-factor-skippable: error, password-too-short: {options: {min: 16}}}\n")
    assert {told.rule.name: told.diagnostic.severity for told in linted(tmp_path).breaches} == {
        "second-factor-skippable": Severity.ERROR,
        "password-too-short": Severity.WARN,
    }
    project(tmp_path, "rules: {PAC411: ignore}\n")
    assert linted(tmp_path).breaches == ()


def test_a_mistake_in_the_rules_is_told_where_it_stands_by_lint_and_by_validate(tmp_path: Path) -> None:
    project(
        tmp_path,
        "rules:\n  second-factor-skipable: error\nwaivers:\n  - {rule: open-air, reason: none, expires: 2027-01-01}\n",
    )
    found = linted(tmp_path)
    assert [(note.code, str(note.location).rpartition("/")[2]) for note in found.notes] == [
        ("PAC400", "pool-as-code.yaml:7:3"),
        ("PAC400", "pool-as-code.yaml:9:12"),
    ]
    assert found.worst is Severity.ERROR
    assert validate(Request(cwd=tmp_path)).diagnostics == found.notes
    text = (tmp_path / "pool-as-code.yaml").read_text()
    assert "  second-factor-skippable: error\n" in apply_edits(text, found.notes[0].edits)


def test_a_waived_breach_is_kept_apart_with_its_waiver(tmp_path: Path) -> None:
    found = linted(project(tmp_path, WAIVER))
    assert found.breaches == ()
    assert found.notes == ()
    ((told),) = found.waived
    assert told.waiver is not None
    assert (told.waiver.reason, told.waiver.expires) == ("until all are enrolled", "2026-12-31")
    assert found.worst is None


def test_an_expired_waiver_covers_nothing_and_is_an_error(tmp_path: Path) -> None:
    found = linted(project(tmp_path, WAIVER.replace("2026-12-31", "2026-05-31")))
    assert standing(found) == [("second-factor-skippable", "pool/customers")]
    assert [(note.code, note.severity, note.location and note.location.line) for note in found.notes] == [
        ("PAC404", Severity.ERROR, 7)
    ]


def test_a_waiver_without_a_breach_is_told_only_when_everything_was_judged(tmp_path: Path) -> None:
    clean = POOL.replace("skipIfNotEnrolled: true", "skipIfNotEnrolled: false")
    project(
        tmp_path,
        THREE + WAIVER,
        manifests__pool=clean,
        manifests__other=clean.replace("customers", "staff"),
        stage__s=clean.replace("customers", "s"),
    )
    assert [note.code for note in linted(tmp_path).notes] == ["PAC405"]
    assert linted(tmp_path, env="dev").notes == ()
    assert linted(tmp_path, str(tmp_path / "manifests" / "other.yaml")).notes == ()


def test_a_waiver_that_one_environment_needs_is_not_needless(tmp_path: Path) -> None:
    project(
        tmp_path,
        THREE + WAIVER.replace("second-factor-skippable", "pool-not-protected"),
        stage__s=POOL.replace("customers", "s"),
    )
    assert "PAC405" not in {note.code for note in linted(tmp_path).notes}


def test_manifests_with_errors_are_told_and_nothing_is_judged(tmp_path: Path) -> None:
    found = linted(project(tmp_path, WAIVER, manifests__broken=POOL.replace("minLength: 12", "minLength: many")))
    assert {item.code for item in found.problems} == {"PAC205"}
    assert (found.breaches, found.waived, found.notes) == ((), (), ())
    assert found.worst is Severity.ERROR


def test_a_broken_project_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        linted(project(tmp_path, "rules: {open-profile: deadly}\n"))


def test_a_folder_without_a_project_is_judged_by_the_rules_as_they_are(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "pool-as-code.yaml").unlink()
    assert standing(linted(tmp_path, ".")) == [("second-factor-skippable", "pool/customers")]


def test_standard_input_is_judged_in_every_environment(tmp_path: Path) -> None:
    text = POOL.replace("customers", "piped").encode()
    found = linted(project(tmp_path, "environments: {dev: {}, prod: {}}\n"), "-", read_stdin=lambda: text)
    (told,) = found.breaches
    assert told.environments == ("dev", "prod")
    assert str(told.diagnostic.location) == "<stdin>:9:26"


BASE = POOL.replace("{name: customers}", "{name: base, abstract: true}")
HEIR = "apiVersion: pool-as-code/v1\nkind: IdentityPool\nmetadata: {name: %s, extends: base}\n"


def test_a_breach_that_comes_from_a_base_is_told_once_where_the_base_says_it(tmp_path: Path) -> None:
    project(tmp_path, manifests__pool=BASE, manifests__more=HEIR % "a" + "---\n" + HEIR % "b")
    (told,) = linted(tmp_path).breaches
    assert str(told.diagnostic.location) == "manifests/pool.yaml:9:26"
    assert "in pool/a, pool/b" in told.diagnostic.detail
    repaired = apply_edits(BASE, told.diagnostic.edits)
    project(tmp_path, manifests__pool=repaired)
    assert linted(tmp_path).breaches == ()


def test_what_nobody_declares_is_told_at_the_section_of_the_base_where_it_is_missing(tmp_path: Path) -> None:
    base = BASE.replace("    secondFactor:\n      methods: [totp]\n      skipIfNotEnrolled: true\n", "")
    project(tmp_path, manifests__pool=base, manifests__more=HEIR % "a" + "spec: {displayName: A}\n")
    (told,) = linted(tmp_path).breaches
    assert told.rule.name == "second-factor-missing"
    assert str(told.diagnostic.location) == "manifests/pool.yaml:6:5"
    assert told.diagnostic.edits == ()


def test_a_waiver_for_one_of_many_that_have_the_same_base_leaves_the_others_standing(tmp_path: Path) -> None:
    waiver = WAIVER.replace("pool/*", "pool/b")
    project(tmp_path, waiver, manifests__pool=BASE, manifests__more="---\n".join(HEIR % name for name in "abc"))
    found = linted(tmp_path)
    assert ["in pool/a, pool/c" in told.diagnostic.detail for told in found.breaches] == [True]
    assert [told.diagnostic.address for told in found.waived] == ["pool/b"]


def test_judging_many_objects_asks_each_rule_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work grows with the objects and not with their square: references are looked through once, whatever asks."""
    from pool_as_code.resources import user

    asked = 0
    references = user.references

    def counted(metadata: Any, spec: Any) -> Any:
        nonlocal asked
        asked += 1
        return references(metadata, spec)

    object.__setattr__(user.KIND, "references", counted)
    try:
        users = "".join(
            f"---\napiVersion: pool-as-code/v1\nkind: User\nmetadata: {{name: u{n}, pool: customers}}\nspec: {{}}\n"
            for n in range(50)
        )
        schemas = "".join(
            f"---\napiVersion: pool-as-code/v1\nkind: Schema\nmetadata: {{name: s{n}}}\nspec: {{}}\n" for n in range(20)
        )
        found = linted(project(tmp_path, manifests__more=(users + schemas).removeprefix("---\n")))
    finally:
        object.__setattr__(user.KIND, "references", references)
    assert sum(name == "schema-unused" for name, _ in standing(found)) == 20
    assert asked == 100  # once by the checks of manifests, once by the rules
