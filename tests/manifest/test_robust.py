"""Whatever is read, loading answers with diagnostics; and an edit that is offered does away with its problem."""

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pool_as_code.core.edits import apply_edits
from pool_as_code.core.secrets import SOURCES
from pool_as_code.core.yaml import dump
from pool_as_code.manifest.annotations import Spot, spot
from pool_as_code.render.diagnostics import diagnostics_text
from pool_as_code.resources.registry import KINDS
from tests.manifest.mutations import DOCUMENTS, EVERYTHING, broken_documents, holder_at, load_text, places, told

EXAMPLES = [EVERYTHING, *sorted((EVERYTHING.parent.parent.parent / "examples").rglob("*.yaml"))]
PIECES = [
    b": ",
    b"- ",
    b"\n",
    b"  ",
    b"{",
    b"]",
    b"&a ",
    b"*a",
    b"!t ",
    b"\t",
    b'"',
    b"'",
    b"#",
    b"---\n",
    b"|\n",
    b"\xff",
    b"<<: ",
]


def texts_of(documents: list[Any]) -> list[tuple[str, str]]:
    """The documents in every way of writing: block style, JSON in one file, JSON of one document."""
    as_json = "\n---\n".join(json.dumps(document, ensure_ascii=False, indent=1) for document in documents)
    return [("all.yaml", dump(documents)), ("all.yml", as_json), ("all.json", json.dumps(documents[-1], indent=2))]


def paths_of(here: Spot, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every field below a place of a document's type, members of lists as 0."""
    found: list[tuple[Any, ...]] = []
    for name, field in here.fields.items():
        found += [(*path, name), *paths_of(field, (*path, name))]
    member = here.step(0)
    return found + (paths_of(member, (*path, 0)) if member is not None else [])


def test_the_documents_to_break_are_valid_and_have_every_field_of_every_kind(tmp_path: Path) -> None:
    assert load_text(tmp_path, EVERYTHING.read_bytes()).diagnostics == ()
    for kind in KINDS:
        declared = [path for document in DOCUMENTS if document["kind"] == kind.name for path in places(document)]
        there = {tuple(0 if isinstance(step, int) else step for step in path) for path in declared}
        fields = [path for path in paths_of(spot(kind.document)) if path[0] == "spec" and path[-1] not in SOURCES]
        assert [path for path in fields if path not in there] == [], kind.name


@pytest.mark.parametrize("other", [None, 12, "text", ["text"], {"key": "text"}], ids=str)
def test_every_value_replaced_by_another_one_gives_diagnostics_and_nothing_else(tmp_path: Path, other: object) -> None:
    documents = copy.deepcopy(DOCUMENTS)
    for path in places(DOCUMENTS):
        document, inner = documents[path[0]], path[1:]
        if inner:
            changed = copy.deepcopy(document)
            holder_at([changed], (0, *inner))[inner[-1]] = other
            found = load_text(tmp_path, json.dumps(changed)).diagnostics
            assert all(item.location is not None and item.location.line for item in found)


@given(broken_documents())
@settings(max_examples=150)
def test_broken_documents_give_diagnostics_with_places_and_nothing_else(documents: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts_of(documents):
            found = load_text(Path(folder), text, name).diagnostics
            assert all(item.location is not None and item.location.line for item in found)
            assert diagnostics_text(found).replace("\n", "").isprintable()


@given(broken_documents(most=2))
@settings(max_examples=150)
def test_an_edit_does_away_with_its_problem_and_leaves_readable_text(documents: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts_of(documents):
            found = load_text(Path(folder), text, name).diagnostics
            for item in [item for item in found if item.edits][:4]:
                after = load_text(Path(folder), apply_edits(text, item.edits), name).diagnostics
                key = (item.code, item.summary, item.address)
                assert told(after)[key] < told(found)[key], (item, apply_edits(text, item.edits))
                assert not {d.code for d in after if d.code < "PAC130"} - {d.code for d in found}


@given(st.data())
@settings(max_examples=200)
def test_bytes_mutated_anywhere_give_diagnostics_and_nothing_else(draws: st.DataObject) -> None:
    content = bytearray(draws.draw(st.sampled_from(EXAMPLES)).read_bytes())
    for _ in range(draws.draw(st.integers(1, 6))):
        at = draws.draw(st.integers(0, len(content)))
        length = draws.draw(st.sampled_from([0, 0, 1, 2, 30]))
        content[at : at + length] = draws.draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)))
    with tempfile.TemporaryDirectory() as folder:
        found = load_text(Path(folder), bytes(content)).diagnostics
    assert all(item.location is not None for item in found)


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_random_bytes_give_diagnostics_and_nothing_else(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert load_text(Path(folder), content).diagnostics
