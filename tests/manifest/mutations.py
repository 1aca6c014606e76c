"""Hypothesis strategies that break valid documents: values of another type, keys renamed, doubled or gone, members swapped."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pool_as_code.core.diagnostics import Diagnostic
from pool_as_code.core.yaml import parse
from pool_as_code.manifest.load import Loaded, load

EVERYTHING = Path(__file__).parent / "everything.yaml"
ENVIRON = {"POOL_AS_CODE_ALLOW_COMMANDS": "1"}
DOCUMENTS: list[Any] = [document.value for document in parse(EVERYTHING.read_bytes())]

OTHER_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -5, 12, 2**40, 0.5, 12.0, [], {}, [None], {"fromEnv": "A", "fromFile": "../b"}),
    *(
        "",
        "true",
        "12",
        "3.5",
        "30 days",
        "PT1H",
        "2026-01-01",
        "#fff",
        "a b",
        "x" * 5000,
        "\u202e\u0007",
        "$default",
        "shop",
    ),
)
NEW_KEYS = ("min_length", "name", "methods", "pool", "id", "type", "\u200bkey", "initial", "displayName", "")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything below a value."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [found for step, below in inner for found in ((*path, step), *places(below, (*path, step)))]


def holder_at(documents: list[Any], path: tuple[Any, ...]) -> Any:
    """The map or list in which a path ends."""
    here: Any = documents
    for step in path[:-1]:
        here = here[step]
    return here


@st.composite
def broken_documents(draw: st.DrawFn, *, most: int = 4) -> list[Any]:
    """Documents of every kind with a few places changed."""
    documents: list[Any] = copy.deepcopy(DOCUMENTS)
    for _ in range(draw(st.integers(1, most))):
        change: Callable[[st.DrawFn, list[Any]], None] = draw(
            st.sampled_from([_replace, _remove, _rename, _swap, _double])
        )
        change(draw, documents)
    return documents


def _pick(draw: st.DrawFn, documents: list[Any]) -> tuple[Any, Any]:
    path = draw(st.sampled_from(places(documents)))
    return holder_at(documents, path), path[-1]


def _replace(draw: st.DrawFn, documents: list[Any]) -> None:
    holder, step = _pick(draw, documents)
    value = holder[step]
    holder[step] = copy.deepcopy(
        draw(st.sampled_from([*OTHER_VALUES, [value], {"value": value}, str(value), [value, value]]))
    )


def _remove(draw: st.DrawFn, documents: list[Any]) -> None:
    holder, step = _pick(draw, documents)
    if holder is not documents or len(documents) > 1:
        del holder[step]


def _rename(draw: st.DrawFn, documents: list[Any]) -> None:
    holder, step = _pick(draw, documents)
    if isinstance(holder, dict):
        new = draw(st.sampled_from([step[1:], step.upper(), f"{step}x", *NEW_KEYS]))
        entries = [(new if key == step else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(entries)


def _swap(draw: st.DrawFn, documents: list[Any]) -> None:
    (one, first), (other, second) = _pick(draw, documents), _pick(draw, documents)
    left, right = copy.deepcopy(one[first]), copy.deepcopy(other[second])
    one[first] = right
    if isinstance(other, list) or second in other:
        other[second] = left


def _double(draw: st.DrawFn, documents: list[Any]) -> None:
    holder, step = _pick(draw, documents)
    if isinstance(holder, list):
        holder.insert(step, copy.deepcopy(holder[step]))
    else:
        holder[f"{step}2"] = copy.deepcopy(holder[step])


def load_text(folder: Path, text: str | bytes, name: str = "all.yaml") -> Loaded:
    """What is loaded from one file with this content."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return load([name], cwd=folder, environ=ENVIRON)


def told(diagnostics: tuple[Diagnostic, ...]) -> Counter[tuple[str, str, str]]:
    """Messages without their places, counted."""
    return Counter((item.code, item.summary, item.address) for item in diagnostics)
