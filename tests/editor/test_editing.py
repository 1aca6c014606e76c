"""An editor with yaml-language-server and our schema, as people have it: completion, hover, mistakes while one types."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pool_as_code.resources.pool import PoolSpec
from pool_as_code.resources.pool.sign_in import METHODS
from tests.editor.client import Editor
from tests.editor.install import language_server

ROOT = Path(__file__).parents[2]
MODELINE = "# yaml-language-server: $schema=../schemas/pool-as-code.schema.json\n"
POOL = "apiVersion: pool-as-code/v1\nkind: IdentityPool\nmetadata: {name: customers}\n"
USER = "apiVersion: pool-as-code/v1\nkind: User\nmetadata: {name: ada, pool: customers}\n"


@dataclass
class Desk:
    """A project's folder in an editor. In texts `|` is where the cursor is."""

    folder: Path
    editor: Editor
    files: int = 0

    def _open(self, text: str, modeline: str) -> tuple[Path, list[str], int, int]:
        self.files += 1
        file = self.folder / "manifests" / f"{self.files}.yaml"
        before, _, after = (modeline + text).partition("|")
        file.write_text(before + after, "utf-8")
        line = before.count("\n")
        return file, self.editor.open(file), line, len(before) - before.rfind("\n") - 1

    def mistakes(self, text: str, modeline: str = MODELINE) -> list[str]:
        """`line: message` of each, the modeline not counted."""
        found = [message.partition(": ") for message in self._open(text, modeline)[1]]
        return sorted(f"{int(line) - 1}: {message}" for line, _, message in found)

    def offered(self, text: str, modeline: str = MODELINE) -> dict[str, Any]:
        """What is offered at the cursor, by label."""
        file, _, line, character = self._open(text, modeline)
        return self.editor.complete(file, line, character)

    def told(self, text: str, modeline: str = MODELINE) -> str:
        """What is told when the cursor rests there."""
        file, _, line, character = self._open(text, modeline)
        return self.editor.hover(file, line, character)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "manifests").mkdir()
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    with Editor(language_server(), folder) as editor:
        yield Desk(folder, editor)


def test_methods_are_offered_in_a_list_of_methods(desk: Desk) -> None:
    text = POOL + "spec:\n  signIn:\n    firstFactor:\n      methods:\n        - password\n        - |\n"
    assert list(desk.offered(text)) == list(METHODS)


def test_all_sections_of_a_pool_and_no_fields_of_other_kinds_are_offered_in_its_spec(desk: Desk) -> None:
    offered = desk.offered(POOL + "spec:\n  pass|\n")
    assert list(offered) == list(PoolSpec.__annotations__)
    assert "What a new password must be." in offered["passwordPolicy"]["documentation"]["value"]


def test_metadata_offers_what_the_kind_has_there(desk: Desk) -> None:
    offered = desk.offered("apiVersion: pool-as-code/v1\nkind: Group\nmetadata:\n  name: support\n  |\n")
    assert {"pool", "parent", "labels", "adopt", "extends"} <= set(offered)
    assert not {"workspace", "manage", "name"} & set(offered)


def test_kinds_are_offered_with_what_they_are(desk: Desk) -> None:
    offered = desk.offered("apiVersion: pool-as-code/v1\nkind: |\n")
    assert {"IdentityPool", "User", "Patch", "ForEach"} <= set(offered)
    assert "Project" not in offered
    assert offered["Group"]["documentation"]["value"].startswith("A named set")


def test_an_empty_document_offers_a_whole_one_of_each_kind(desk: Desk) -> None:
    offered = desk.offered("|\n")
    assert "kind: Group\nmetadata:\n  name: ${1:name}\n  pool: ${2:pool}" in offered["Group"]["insertText"]
    begun = desk.offered("apiVersion: pool-as-code/v1\nkind: Group\n|\n")
    assert not [label for label, item in begun.items() if "apiVersion" in item["insertText"]]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("passwordPolicy:\n    strength: |", {"any", "weak", "fair", "strong", "very_strong", "null"}),
        ("recovery:\n    selfReset: |", {"true", "false", "null"}),
        ("passwordSettings:\n    hashingMethod: |", {"argon2", "bcrypt", "pbkdf2", "sha"}),
    ],
)
def test_words_are_offered_for_a_value_and_placeholders_are_not_in_the_way(
    desk: Desk, field: str, words: set[str]
) -> None:
    assert set(desk.offered(f"{POOL}spec:\n  {field}\n")) == words


def test_a_patch_offers_the_fields_of_its_targets(desk: Desk) -> None:
    head = "apiVersion: pool-as-code/v1\nkind: Patch\nmetadata: {name: stricter}\nspec:\n  targets: [pool/customers]\n"
    offered = desk.offered(head + "  merge:\n    spec:\n      passwordPolicy:\n        |\n")
    assert {"minLength", "strength"} <= set(offered)


def test_a_document_in_a_foreach_is_completed_like_any_other(desk: Desk) -> None:
    head = "apiVersion: pool-as-code/v1\nkind: ForEach\nmetadata: {name: all}\nspec:\n  source: {file: rows.csv}\n"
    inner = "  documents:\n    - apiVersion: pool-as-code/v1\n      kind: Organization\n      spec:\n        |\n"
    assert {"displayName", "domains"} <= set(desk.offered(head + inner))


def test_resting_on_a_field_tells_what_it_is_its_default_and_the_service_s_word(desk: Desk) -> None:
    told = desk.told(POOL + "spec:\n  passwordPolicy:\n    min|Length: 12\n")
    assert "Fewest characters." in told
    assert "Default: `0`; `null` resets to it." in told
    assert "A lower value weakens security" in told
    assert "The service's word: `min_length`." in told


def test_what_is_right_has_no_mistakes(desk: Desk) -> None:
    for file in sorted((ROOT / "examples" / "quickstart" / "manifests").glob("*.yaml")):
        assert desk.mistakes(file.read_text("utf-8")) == []
    assert (
        desk.mistakes(POOL + 'spec:\n  passwordPolicy: {minLength: "${var.length}", strength: "${var.strength}"}\n')
        == []
    )


@pytest.mark.parametrize(
    ("spec", "mistake"),
    [
        ("  badgeColor: blue\n", "5: Expected a colour such as #007FFF (or null)."),
        ("  passwordPolicy: {minLength: '12'}\n", "5: Expected a whole number from 0 to 1,000,000 (or null)."),
        ("  passwordPolicy: {minLenght: 12}\n", "5: Property minLenght is not allowed."),
        ("  recovery: {selfReset: sometimes}\n", "5: Expected true or false (or null)."),
        ("  codes: {challenge: {ttl: ten minutes}}\n", "5: Expected a duration such as 30d or 1h30m."),
        (
            "  passwordPolicy: {strength: strng}\n",
            '5: Value is not accepted. Valid values: "any", "weak", "fair", "strong", "very_strong".',
        ),
        (
            "  signIn: {firstFactor: {methods: [totp]}, secondFactor: {methods: [totp]}}\n",
            "5: totp is a method of the first factor already.",
        ),
        ("  signIn: {firstFactor: {methods: [totp], preferred: otp}}\n", "5: otp is not among the methods."),
    ],
)
def test_a_mistake_is_told_at_its_line_in_words(desk: Desk, spec: str, mistake: str) -> None:
    assert desk.mistakes(f"{POOL}spec:\n{spec}") == [mistake]


def test_a_user_with_a_password_from_two_places_is_told(desk: Desk) -> None:
    text = (
        USER + "spec:\n  password: {initial: {fromEnv: A}, hash: abc}\n  identifiers: [{email: a@b.example, uid: a}]\n"
    )
    assert desk.mistakes(text) == [
        "5: Not together with initial.",
        "6: Expected exactly one of email, mobile, uid, external, federated.",
    ]


def test_an_unknown_kind_and_a_placeholder_in_a_name_are_told(desk: Desk) -> None:
    assert desk.mistakes("apiVersion: pool-as-code/v1\nkind: UserPool\n") == [
        "2: Expected one of Workspace, Organization, Schema, IdentityPool, Group, User, Patch, ForEach."
    ]
    assert desk.mistakes(POOL.replace("customers", '"${var.name}"')) == [
        "3: Expected a name without ${...}: it is an identity."
    ]


def test_the_project_file_is_completed_and_judged_by_a_schema_of_its_own(desk: Desk) -> None:
    head = "apiVersion: pool-as-code/v1\nkind: Project\nid: p-0123456789abcdef\nname: shop\n"
    modeline = "# yaml-language-server: $schema=../schemas/project.schema.json\n"
    offered = desk.offered(head + "environments:\n  prod:\n    |\n", modeline)
    assert {"store", "variables", "bindings", "patches", "protected"} <= set(offered)
    assert set(desk.offered(head + "rules:\n  pool-not-protected: |\n", modeline)) >= {
        "ignore",
        "info",
        "warn",
        "error",
    }
    assert {"user", "pool"} <= set(desk.offered(head + "maxDeletes:\n  |\n", modeline))
    assert desk.mistakes(head + "environments: {prod: {proteced: true}}\n", modeline) == [
        "5: Property proteced is not allowed."
    ]
