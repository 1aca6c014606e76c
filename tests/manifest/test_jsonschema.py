"""The JSON Schemas in `schemas/` are those of the model; a checker that knows nothing of this tool accepts what is right with
them and refuses what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from pool_as_code.manifest.annotations import required, spot
from pool_as_code.manifest.jsonschema import manifest_schema, schema_files, schema_named, schema_words
from pool_as_code.manifest.layers.documents import LAYERS
from pool_as_code.resources.registry import KINDS
from tests.golden import Golden

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
PROJECTS = sorted(ROOT.glob("examples/**/pool-as-code.yaml"))
EXAMPLES = [  # among them lie project files, dumps of tenants, and rows
    path
    for path in sorted(ROOT.glob("examples/**/*.yaml"))
    if path not in PROJECTS and "apiVersion:" in path.read_text("utf-8")
]
STORIES = sorted(ROOT.glob("tests/scenarios/*/before.yaml")) + sorted(ROOT.glob("tests/scenarios/*/after.yaml"))
WRONG = sorted(ROOT.glob("tests/wrong/*/manifest.*"))
HEAD = {"apiVersion": "pool-as-code/v1"}

# What a JSON Schema can not know, and why.
ACCEPTED = {
    "only our reader of YAML refuses it; what is read is right": {
        "PAC114-digits-with-colons",
        "PAC118-a-number-as-a-key",
        "PAC119-a-merge-key",
        "PAC120-a-tag",
    },
    "12.0 is a whole number to JSON Schema": {"PAC205-a-fraction-for-a-whole-number"},
    "it compares two values of one document": {"PAC223-a-group-in-itself"},
    "it is about several documents": {
        "PAC224-one-name-twice",
        "PAC225-a-misspelled-group",
        "PAC225-a-pool-that-is-not-declared",
        "PAC225-a-schema-with-another-case",
        "PAC225-default-where-there-is-none",
        "PAC226-a-group-that-is-declared-absent",
        "PAC227-a-ring-of-groups",
        "PAC228-one-identifier-in-two-cases",
        "PAC229-one-verified-address-of-two-users",
        "PAC236-a-former-name-that-is-in-use",
        "PAC237-one-id-of-two-pools",
        "PAC238-a-method-that-the-workspace-does-not-allow",
        "PAC254-a-profile-that-does-not-fit-its-schema",
    },
    "it is about where apply runs, and where files lie": {
        "PAC246-a-command",
        "PAC249-a-file-outside-the-project",
        "PAC360-a-secret-out-of-git-s-folder",
    },
    "it needs a parser of hashes, of regular expressions, or of addresses": {
        "PAC255-a-page-with-a-user-in-its-address",
        "PAC247-a-shortened-hash",
        "PAC252-a-pattern-that-is-none",
        "PAC253-a-pattern-that-can-not-be-compiled",
    },
}


def checked(schema: Path, files: Iterable[Path]) -> dict[str, list[str]]:
    """What check-jsonschema says of files: file -> messages, for those that it refuses."""
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), "--output-format", "json"]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["status"] == "ok" else 1), done.stderr
    found: dict[str, list[str]] = {}
    for error in [*report.get("errors", []), *report.get("parse_errors", [])]:
        found.setdefault(Path(error["filename"]).name, []).append(str(error["message"]))
    return found


def one_by_one(files: Iterable[Path], folder: Path) -> list[Path]:
    """The documents of these files in files of their own, because check-jsonschema reads one of each file."""
    parts: list[Path] = []
    for file in files:
        texts = re.split(r"^---[ \t]*$", file.read_text("utf-8"), flags=re.MULTILINE)
        for number, text in enumerate(texts):
            if re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE).strip():
                part = folder / f"{file.parent.name}.{file.stem}.{number}{file.suffix}"
                part.write_text(text, "utf-8")
                parts.append(part)
    return parts


@pytest.mark.parametrize(("name", "text"), list(schema_files().items()), ids=lambda value: str(value)[:40])
def test_the_schemas_are_what_the_model_says(name: str, text: str, golden: Golden) -> None:
    golden(SCHEMAS / name, text)
    Draft7Validator.check_schema(json.loads(text))


def test_no_schema_of_a_kind_is_left_over() -> None:
    files = {path.relative_to(SCHEMAS).as_posix() for path in SCHEMAS.glob("kinds/*")}
    assert files == {name for name in schema_files() if name.startswith("kinds/")}


@pytest.mark.parametrize("files", [EXAMPLES, STORIES], ids=["examples", "stories"])
def test_check_jsonschema_accepts_what_is_right(files: list[Path], tmp_path: Path) -> None:
    parts = one_by_one(files, tmp_path)
    assert len(parts) > 10
    assert checked(SCHEMAS / "pool-as-code.schema.json", parts) == {}


def test_check_jsonschema_accepts_the_project_files_of_the_examples() -> None:
    assert PROJECTS
    assert checked(SCHEMAS / "project.schema.json", PROJECTS) == {}


def test_check_jsonschema_refuses_what_is_wrong(tmp_path: Path) -> None:
    refused = checked(SCHEMAS / "pool-as-code.schema.json", one_by_one(WRONG, tmp_path))
    accepted = {file.parent.name for file in WRONG} - {name.partition(".")[0] for name in refused}
    assert accepted == set().union(*ACCEPTED.values()), "a new one needs a relation in the schema, or a reason above"


def test_the_schema_of_a_kind_agrees_with_that_of_all_kinds(tmp_path: Path) -> None:
    everything = Draft7Validator(manifest_schema())
    alone = {kind.name: Draft7Validator(schema_named(kind.name)) for kind in KINDS}
    judged = set()
    for part in one_by_one([*EXAMPLES, *STORIES], tmp_path):
        document = yaml.load(part.read_text("utf-8"), Loader=yaml.BaseLoader)  # all scalars are texts: many are refused
        if document["kind"] not in LAYERS:  # alone, those leave open what they say of others
            fits = alone[document["kind"]].is_valid(document)
            assert fits == everything.is_valid(document)
            judged.add(fits)
    assert judged == {True, False}


def errors_of(document: dict[str, Any]) -> list[str]:
    """Where the schema of all kinds finds mistakes."""
    found = Draft7Validator(manifest_schema()).iter_errors(document)
    return sorted({".".join(map(str, error.absolute_path)) for error in found})


def a_document(kind: str, metadata: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return {**HEAD, "kind": kind, "metadata": {"name": "one", **(metadata or {})}, "spec": spec}


@pytest.mark.parametrize(
    "value",
    [{"minLength": "${var.length}"}, {"strength": "${row.strength}"}, "${var.policy}", {"$unset": ["minLength"]}],
    ids=["number", "word", "section", "unset"],
)
def test_a_placeholder_or_unset_may_stand_for_a_value_of_any_type(value: Any) -> None:
    assert errors_of(a_document("IdentityPool", passwordPolicy=value)) == []


@pytest.mark.parametrize("value", ["12", "${var.a} and more", "${env.A}", "$${var.a}", "${var.1}"])
def test_a_text_that_is_no_placeholder_is_no_number(value: str) -> None:
    assert errors_of(a_document("IdentityPool", passwordPolicy={"minLength": value})) == [
        "spec.passwordPolicy.minLength"
    ]


def test_placeholders_stand_inside_of_texts_with_a_form() -> None:
    origins = {"passkeySettings": {"origins": ["https://${var.host}"], "relyingPartyId": "${var.host}"}}
    assert errors_of(a_document("IdentityPool", **origins)) == []


def test_a_name_has_no_placeholder_but_in_the_documents_of_a_foreach() -> None:
    named = a_document("Group", {"name": "g-${row.id}", "pool": "customers"})
    assert errors_of(named) == ["metadata.name"]
    made = a_document("ForEach", rows=[{"id": 1}], documents=[named])
    assert errors_of(made) == []


def test_a_foreach_judges_its_documents_and_a_patch_what_it_lays_over() -> None:
    wrong = a_document("IdentityPool", passwordPolicy={"minLenght": 3})
    assert errors_of(a_document("ForEach", rows=[], documents=[wrong])) == ["spec.documents.0.spec.passwordPolicy"]
    merge = {"spec": {"passwordPolicy": {"minLenght": 3}}}
    assert errors_of(a_document("Patch", targets=["pool/*"], merge=merge)) == ["spec.merge.spec.passwordPolicy"]
    assert errors_of(a_document("Patch", targets=["*/customers"], merge=merge)) == []
    assert errors_of(a_document("Patch", merge=merge)) == ["spec"]


def test_a_base_and_its_heirs_may_lack_what_the_kind_requires() -> None:
    assert errors_of(a_document("Group")) == ["metadata"]
    assert errors_of(a_document("Group", {"abstract": True})) == []
    assert errors_of(a_document("Group", {"extends": "base"})) == []


def test_an_unknown_method_needs_allow_unknown_methods() -> None:
    factors = {"firstFactor": {"methods": ["password", "magic_link"]}}
    place = ["spec.signIn.firstFactor.methods.1"]
    assert errors_of(a_document("IdentityPool", signIn=factors)) == place
    assert errors_of(a_document("IdentityPool", signIn={**factors, "allowUnknownMethods": False})) == place
    assert errors_of(a_document("IdentityPool", signIn={**factors, "allowUnknownMethods": True})) == []
    assert errors_of(a_document("IdentityPool", {"extends": "base"}, signIn=factors)) == []


def test_a_member_of_identifiers_has_exactly_one_type() -> None:
    metadata = {"pool": "customers"}
    for members, places in (
        ([{"email": "ada@example.com"}, {"uid": "ada", "metadata": {}}], []),
        ([{"email": "ada@example.com", "uid": "ada"}], ["spec.identifiers.0.uid"]),
        ([{"metadata": {}}], ["spec.identifiers.0"]),
    ):
        assert errors_of(a_document("User", metadata, identifiers=members)) == places


def test_the_project_schema_knows_kinds_and_names_of_environments() -> None:
    validator = Draft7Validator(schema_named("Project"))
    project = {**HEAD, "kind": "Project", "id": "p-0123456789abcdef", "name": "shop"}
    assert validator.is_valid(
        {**project, "maxDeletes": {"user": 3}, "environments": {"prod": {"maxDeletes": {"pool": 1}}}}
    )
    assert not validator.is_valid({**project, "maxDeletes": {"users": 3}})
    assert not validator.is_valid({**project, "environments": {"prod": {"maxDeletes": {"pools": 1}}}})
    assert not validator.is_valid({**project, "environments": {"a b": {}}})
    assert not validator.is_valid({key: value for key, value in project.items() if key != "id"})


def test_every_kind_has_a_schema_and_a_word() -> None:
    names = {kind.name for kind in KINDS} | set(LAYERS) | {"Project"}
    assert set(schema_words().values()) == names
    assert all(schema_words()[kind.word] == kind.name for kind in KINDS)


def test_required_keys_are_seen_through_postponed_annotations() -> None:
    assert required(spot(KINDS[-1].document).struct) == {"apiVersion", "kind", "metadata"}
    assert required(KINDS[-1].metadata) == {"name", "pool"}
