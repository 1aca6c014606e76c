"""Effective documents: what an environment really declares, where each value is written, and what a branch changes in them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pool_as_code.app.rendering import EffectiveChange, changed, effective
from pool_as_code.app.request import Request
from pool_as_code.core.errors import InvalidInput
from pool_as_code.core.fieldpath import format_path
from pool_as_code.core.values import JsonMap
from pool_as_code.core.yaml import parse
from pool_as_code.manifest.load import load
from pool_as_code.render.effective import changes_text, documents_json, documents_text
from tests.documents import HASH
from tests.manifest.layers.layered import Layered, document, for_each, made_pool, patch, pool

VARIABLES: JsonMap = {"variables": {"host": "example.com"}, "environments": {"dev": {}, "prod": {}}}


def request(folder: Path, env: str | None = None, base: str = "") -> Request:
    return Request(cwd=folder, env=env, base=base)


def project(folder: Path) -> Layered:
    """A base, a patch of it, a pool of a row, a plain pool."""
    return Layered(folder, VARIABLES).write(
        pool("base", {"passwordPolicy": {"minLength": 8, "digits": 1}, "description": "base"}, abstract=True),
        for_each([made_pool(extends="base", spec={"passkeySettings": {"relyingPartyId": "${row.host}.${var.host}"}})]),
        patch({"passwordPolicy": {"minLength": 12}}, ["pool/a"]),
        pool("plain", {"description": "text with $${ in it"}),
        rows__csv="name,host\na,id\n",
    )


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t.example", *arguments], cwd=folder, check=True)


def test_every_value_is_shown_with_the_place_where_it_is_written(tmp_path: Path) -> None:
    project(tmp_path)
    found = effective(request(tmp_path, "dev"), ("pool/a",)).documents
    row = "row 1 (manifests/rows.csv:2)"
    assert documents_text(found) == (
        "# pool/a\n"
        "apiVersion: pool-as-code/v1\n"
        "kind: IdentityPool\n"
        f"metadata: {{name: a}}  # manifests/all.yaml:9, {row}\n"
        "spec:\n"
        "  description: base  # manifests/all.yaml:4\n"
        "  passwordPolicy: {minLength: 12, digits: 1}  # manifests/all.yaml:14; manifests/all.yaml:4\n"
        f"  passkeySettings: {{relyingPartyId: id.example.com}}  # manifests/all.yaml:9, {row}, variable host (project)\n"
    )


def test_what_is_rendered_is_a_project_that_means_the_same(tmp_path: Path) -> None:
    project(tmp_path / "one")
    text = documents_text(effective(request(tmp_path / "one", "dev")).documents)
    before = Layered(tmp_path / "one").load
    rendered = Layered(tmp_path / "two", VARIABLES).write(text).load("dev")
    original = load(project=None, sources=[str(tmp_path / "two" / "manifests")])
    assert rendered.diagnostics == () == original.diagnostics
    assert before is not None
    assert {str(r.address): (r.metadata, r.spec) for r in rendered.state} == {
        str(item.address): (item.document["metadata"], item.document["spec"])
        for item in effective(request(tmp_path / "one", "dev")).documents
    }


def test_without_origins_and_as_json_nothing_else_is_lost(tmp_path: Path) -> None:
    project(tmp_path)
    found = effective(request(tmp_path, "dev"), origins=False).documents
    assert "#" not in documents_text(found).replace("# pool/", "")
    entries = documents_json(effective(request(tmp_path, "dev"), ("pool/plain",)).documents)["documents"]
    assert entries == [
        {
            "address": "pool/plain",
            "document": {
                "apiVersion": "pool-as-code/v1",
                "kind": "IdentityPool",
                "metadata": {"name": "plain"},
                "spec": {"description": "text with ${ in it"},
            },
            "written": {
                "metadata.name": {"file": "manifests/all.yaml", "line": 18, "column": 20},
                "spec.description": {"file": "manifests/all.yaml", "line": 19, "column": 23},
            },
        }
    ]


def test_hashes_and_hostile_texts_do_not_leave(tmp_path: Path) -> None:
    user = document(
        "User",
        {"name": "u", "pool": "p", "labels": {"x": "\x1b[31m\u202e"}},
        {"status": "active", "password": {"hash": HASH}},
    )
    Layered(tmp_path).write(pool("p", {"description": "a\nb # c\u2028"}), user)
    text = documents_text(effective(request(tmp_path)).documents)
    assert HASH not in text
    assert "(secret)" in text
    assert not {"\x1b", "\u202e", "\u2028"} & set(text)
    assert len(parse(text)) == 2


def test_globs_and_selectors_choose_and_nothing_chosen_is_an_error(tmp_path: Path) -> None:
    Layered(tmp_path).write(pool("a", labels={"t": "1"}), pool("b", labels={"t": "2"}), pool("c"))

    def shown(*globs: str, selector: tuple[str, ...] = ()) -> list[str]:
        return [str(item.address) for item in effective(request(tmp_path), globs, selector).documents]

    assert shown() == ["pool/a", "pool/b", "pool/c"]
    assert shown("pool/[ab]") == ["pool/a", "pool/b"]
    assert shown(selector=("t!=2",)) == ["pool/a", "pool/c"]
    assert shown(selector=("t", "!x")) == ["pool/a", "pool/b"]
    with pytest.raises(InvalidInput) as refused:
        shown("pool/aa")
    assert refused.value.diagnostics[0].hint == "did you mean pool/a?"
    with pytest.raises(InvalidInput):
        shown(selector=("t=3",))
    with pytest.raises(InvalidInput, match="not a selector"):
        shown(selector=("=3",))


def test_what_a_base_change_does_to_every_heir_is_told_once(tmp_path: Path) -> None:
    rows = "name\n" + "".join(f"p{number}\n" for number in range(400))
    made = Layered(tmp_path, VARIABLES)
    heirs = for_each([made_pool(extends="base")])
    made.write(pool("base", {"passwordPolicy": {"minLength": 8}}, abstract=True), heirs, rows__csv=rows)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    more = rows.replace("p3\n", "") + "new\n"
    made.write(pool("base", {"passwordPolicy": {"minLength": 12}}, abstract=True), heirs, rows__csv=more)
    found = changed(request(tmp_path, "dev", "HEAD"))
    assert [c.sort for c in found].count("changed") == 399
    assert _fields(found[1]) == [("passwordPolicy.minLength", 8, 12)]
    assert changes_text(found, "HEAD") == (
        "+ pool/new\n"
        "~ pool/p0, pool/p1, pool/p10, pool/p100, pool/p101, pool/p102, pool/p103, pool/p104 and 391 more\n"
        "    passwordPolicy.minLength: 8 -> 12  # manifests/all.yaml:4\n"
        "- pool/p3\n"
        "\n1 added, 399 changed, 1 removed against HEAD\n"
    )
    assert changed(request(tmp_path, "dev", "HEAD"), ("pool/p7",))[0].address.path == "p7"


def _fields(change: EffectiveChange) -> list[tuple[str, object, object]]:
    return [(format_path(one.path), one.before, one.after) for one in change.fields]


def test_personal_values_of_a_branch_are_shown_only_when_asked_for(tmp_path: Path) -> None:
    def write(first: str) -> None:
        user = document("User", {"name": "u", "pool": "p"}, {"profile": {"first_name": first}, "status": "active"})
        Layered(tmp_path).write(pool("p"), user)

    write("Ada")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    write("Grace")
    hidden = changes_text(changed(request(tmp_path, base="HEAD")), "HEAD")
    assert "Ada" not in hidden
    assert "Grace" not in hidden
    assert "profile.first_name" in hidden
    assert "Ada -> Grace" in changes_text(changed(request(tmp_path, base="HEAD"), show_values=True), "HEAD")


def test_another_hash_is_told_and_not_shown(tmp_path: Path) -> None:
    def write(hashed: str) -> None:
        user = document("User", {"name": "u", "pool": "p"}, {"status": "active", "password": {"hash": hashed}})
        Layered(tmp_path).write(pool("p"), user)

    write(HASH)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    other = HASH[:-1] + ("a" if HASH[-1] != "a" else "b")
    write(other)
    text = changes_text(changed(request(tmp_path, base="HEAD"), show_values=True), "HEAD")
    assert "password.hash" in text
    assert HASH[20:] not in text
    assert other[20:] not in text


def test_a_base_without_the_project_has_nothing_and_a_broken_one_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-qm", "empty", "--allow-empty")
    Layered(tmp_path).write(pool("a"))
    assert [(str(c.address), c.sort) for c in changed(request(tmp_path, base="HEAD"))] == [("pool/a", "added")]
    Layered(tmp_path).write(pool("a", {"nix": 1}))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "broken")
    Layered(tmp_path).write(pool("a"))
    with pytest.raises(InvalidInput, match="the manifests of HEAD have errors"):
        changed(request(tmp_path, base="HEAD"))
    with pytest.raises(InvalidInput):
        changed(request(tmp_path, base="nix"))
