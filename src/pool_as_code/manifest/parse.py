"""Documents that are not valid: which kind they are meant to be, and what is wrong at which place, in our own words.

Called only after pydantic has refused a document; its errors say where, this module says what and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..core.address import Address
from ..core.values import JsonMap, JsonValue, as_map
from ..resources import registry
from ..resources import traits as t
from ..resources.kind import API_VERSION, Kind, Problem
from ..resources.suggest import nearest
from .annotations import Path, Spot, limit, required, spot, words
from .better import accepts, better
from .shown import UNQUOTE, cut, found, kind_of, place_name, value_at
from .unknown_keys import secret_reference, unknown_key

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_OTHER_NAMES = {"userpool": "IdentityPool", "identitypools": "IdentityPool", "directory": "IdentityPool"}


def document_problems(document: JsonValue, errors: Iterable[ErrorDetails] = ()) -> list[Problem]:
    """Everything that is wrong with one document. `errors` are pydantic's, where its kind was known."""
    if not isinstance(document, dict):
        return [_no_map(document)]
    kind = kind_of_document(document)
    if kind is None:
        return [*_api_version(document), _unknown_kind(document)]
    return explained(spot(kind.document), document, errors)


def explained(root: Spot, document: JsonMap, errors: Iterable[ErrorDetails]) -> list[Problem]:
    """Pydantic's errors on a document of type `root` as problems, one for each place."""
    by_place: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        by_place.setdefault(_path(document, error), []).append(error)
    parents = {path[:length] for path in by_place for length in range(len(path))}
    problems = [
        _wrong_key(root, path)
        if any(error["loc"][-1:] == ("[key]",) for error in found_here)
        else _explain(root, document, path, {error["type"] for error in found_here})
        for path, found_here in by_place.items()
        if path not in parents or path in (("apiVersion",), ("kind",))
    ]
    renamed = {(*problem.path[:-1], problem.rename) for problem in problems if problem.rename}
    return [problem for problem in problems if not (problem.code == "PAC204" and problem.path in renamed)]


def kind_of_document(document: JsonValue) -> Kind | None:
    """The kind that a document names, if it exists."""
    named = as_map(document).get("kind")
    return registry.by_name().get(named) if isinstance(named, str) else None


def claimed_address(document: JsonValue) -> Address | None:
    """The address that a broken document seems to be meant for, so that references to it are not called dangling."""
    kind, metadata = kind_of_document(document), as_map(as_map(document).get("metadata"))
    name, pool = metadata.get("name"), metadata.get("pool")
    if kind is None or not isinstance(name, str | int) or (kind.container and not isinstance(pool, str)):
        return None
    return Address(kind.word, f"{pool}/{name}" if kind.container else str(name))


# -- the envelope


def _no_map(document: JsonValue) -> Problem:
    hint = (
        "separate the documents with lines of ---" if isinstance(document, list) else "begin with apiVersion and kind"
    )
    return Problem(
        (),
        "PAC200",
        f"a document is a map with apiVersion, kind, metadata and spec; found {kind_of(document)}",
        "",
        hint,
    )


def _api_version(document: JsonMap) -> Iterator[Problem]:
    value = document.get("apiVersion")
    if value != API_VERSION:
        missing = "apiVersion" not in document
        yield Problem(
            ("apiVersion",),
            "PAC201",
            "apiVersion is missing" if missing else f"apiVersion is not {API_VERSION}",
            "" if missing else f"found {found(value, hidden=False)}",
            f"write apiVersion: {API_VERSION}",
            replace=API_VERSION,
        )


def _unknown_kind(document: JsonMap) -> Problem:
    value, names = document.get("kind"), registry.by_name()
    known = f"known: {', '.join(names)}"
    if value == "Project":
        hint = "name the file pool-as-code.yaml, at the top of the project"
        return Problem(("kind",), "PAC146", "a project stands in a file of its own", "", hint)
    if "kind" not in document:
        guess = _guessed(document)
        hint = f"write kind: {guess}" if guess else "say which kind it is"
        return Problem(("kind",), "PAC202", "kind is missing", known, hint, replace=guess)
    if not isinstance(value, str):
        return Problem(("kind",), "PAC202", "kind is a word", f"found {kind_of(value)}; {known}", "write one of them")
    words_of = {**_OTHER_NAMES, **{kind.word: name for name, kind in registry.by_name().items()}}
    bare = re.sub("[^a-z]", "", value.lower())
    near = words_of.get(bare) or words_of.get(bare.rstrip("s")) or nearest(value, names)
    hint = f"did you mean {near}?" if near else "write one of them"
    return Problem(("kind",), "PAC202", f"unknown kind '{cut(value)}'", known, hint, replace=near)


def _guessed(document: JsonMap) -> str | None:
    """The one kind whose fields are those of the document."""
    spec, metadata = as_map(document.get("spec")), as_map(document.get("metadata"))
    fitting = [
        name
        for name, kind in registry.by_name().items()
        if spec and set(spec) <= set(spot(kind.spec).fields) and set(metadata) <= set(spot(kind.metadata).fields)
        if required(kind.metadata) <= set(metadata)
    ]
    return fitting[0] if len(fitting) == 1 else None


# -- one place


def _path(document: JsonValue, error: ErrorDetails) -> Path:
    """Where an error is: pydantic's place without the steps that only name a branch of a union."""
    here: Any = document
    path: list[str | int] = []
    for number, step in enumerate(error["loc"], 1):
        if _has(here, step):
            here = here[step]
        elif error["type"] != "missing" or number < len(error["loc"]):
            continue
        path.append(step)
    return tuple(path)


def _has(holder: object, step: str | int) -> bool:
    if isinstance(holder, dict):
        return isinstance(step, str) and step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)


def _explain(root: Spot, document: JsonMap, path: Path, types: set[str]) -> Problem:
    if path == ("apiVersion",):
        return next(_api_version(document))
    if "extra_forbidden" in types:
        return unknown_key(root, document, path)
    if "missing" in types:
        return _missing(path)
    here, value = root.at(path), value_at(document, path)
    if here is None:
        return Problem(path, "PAC205", f"{place_name(path)} is not valid", "", "correct it, or remove it", remove=True)
    if here.secret and here.struct is not None and value is not None and not isinstance(value, dict):
        return _literal_secret(document, path, here)
    if value is None:
        return _null(path, here)
    hidden = root.hides(path)
    if types == {"literal_error"}:
        return _no_such_word(path, here, value, hidden)
    if types & {"greater_than_equal", "less_than_equal"}:
        return _out_of_range(path, here, value)
    if types & {"string_too_short", "string_too_long"} or (types == {"too_short"} and value in ([], {})):
        return _length(path, here, value)
    if types & {"string_pattern_mismatch", "value_error"}:
        return _wrong_form(path, here, value, hidden)
    return _wrong_type(path, here, value, hidden)


def _wrong_key(root: Spot, path: Path) -> Problem:
    holder = root.at(path[:-1])
    wanted = words(holder.key) if holder is not None and holder.key is not None else "another name"
    summary = f"a key of {place_name(path[:-1])} needs {wanted}"
    return Problem(path, "PAC208", summary, f"found '{cut(str(path[-1]))}'", "rename it", at_key=True)


_MISSING = {
    "metadata": "write metadata: {name: ...}",
    "metadata.pool": "write pool: with the name of the pool it belongs to",
    "metadata.name": "write name: with a name that stays",
}


def _missing(path: Path) -> Problem:
    name = place_name(path)
    hint = _MISSING.get(name, f"write {path[-1]}")
    return Problem(path, "PAC204", f"{name} is missing", "", hint)


def _null(path: Path, here: Spot) -> Problem:
    name, chosen = place_name(path), here.mark(t.ServerChosen)
    if chosen is not None:
        detail = "the store chooses this field" + (f": {chosen.how}" if chosen.how else "")
        return Problem(path, "PAC210", f"{name} can not be reset with null", detail, "leave it out", remove=True)
    resets = _resets(here) if len(path) > 1 and path[0] == "spec" else {}
    if here.struct is not None and resets:
        hint = "name the fields to reset, or leave it out"
        return Problem(path, "PAC211", f"null does not reset {name} as a whole", "", hint, replace=resets)
    if path[0] == "environments" and here.struct is not None:
        return Problem(path, "PAC212", f"{name} does not take null", "", "write {}", replace={})
    if here.mark(t.PerItem) is not None:
        detail = "it is managed member by member: [] takes out what was declared before"
        return Problem(path, "PAC212", f"{name} does not take null", detail, "leave it out, or write []", remove=True)
    remove = path not in (("metadata",), ("metadata", "name"), ("metadata", "pool"))
    hint = "leave it out" if remove else f"write {words(here)}"
    return Problem(path, "PAC212", f"{name} does not take null", f"expected {words(here)}", hint, remove=remove)


def _resets(here: Spot) -> JsonMap:
    """The fields below that null resets, each as null."""
    resets: JsonMap = {}
    for name, field in here.fields.items():
        if field.takes_null and field.mark(t.Default) is not None:
            resets[name] = None
        elif field.struct is not None and (inner := _resets(field)):
            resets[name] = inner
    return resets


def _literal_secret(document: JsonMap, path: Path, here: Spot) -> Problem:
    reference = secret_reference(document, path)
    if "fromEnv" not in here.fields:
        reference = {"secret" if "totp" in path else "initial": reference}
    example = str(reference).replace("'", "")
    return Problem(
        path,
        "PAC213",
        f"a secret stands in {place_name(path)}",
        "its value is not shown",
        f"write {example} and set that variable where apply runs; change the secret if it was committed",
        replace=reference,
    )


def _no_such_word(path: Path, here: Spot, value: JsonValue, hidden: bool) -> Problem:
    choices = words(here).removeprefix("one of ").removeprefix("the word ").split(", ")
    near = nearest(value, choices) if isinstance(value, str) else None
    return Problem(
        path,
        "PAC206",
        f"{place_name(path)} must be {words(here)}",
        f"found {found(value, hidden=hidden)}",
        f"did you mean {near}?" if near else "choose one of these words",
        replace=near,
    )


def _out_of_range(path: Path, here: Spot, value: JsonValue) -> Problem:
    low, high = _limits(here)
    near = low if isinstance(value, int | float) and low is not None and value < low else high
    summary = f"{place_name(path)} must be {words(here)}"
    return Problem(path, "PAC207", summary, f"found {found(value, hidden=False)}", f"write {near}", replace=near)


def _limits(here: Spot) -> tuple[Any, Any]:
    from .annotations import members

    inner = [(limit(member, "ge"), limit(member, "le")) for member in members(here)]
    return next(((low, high) for low, high in inner if low is not None or high is not None), (None, None))


def _length(path: Path, here: Spot, value: JsonValue) -> Problem:
    name = place_name(path)
    if isinstance(value, list | dict):
        return Problem(path, "PAC217", f"{name} can not be empty", f"it needs {words(here)}", "say what is in it")
    if value == "":
        return Problem(path, "PAC217", f"{name} can not be empty", "", "write a text, or leave it out", remove=True)
    size = len(value) if isinstance(value, str) else 0
    return Problem(path, "PAC217", f"{name} is too long", f"found {size:,} characters", "shorten it")


def _wrong_form(path: Path, here: Spot, value: JsonValue, hidden: bool) -> Problem:
    meant = better(value, here)
    hint = f"write {cut(str(meant))}" if meant is not None and not hidden else f"write {words(here)}"
    summary = f"{place_name(path)} needs {words(here)}"
    return Problem(path, "PAC208", summary, f"found {found(value, hidden=hidden)}", hint, replace=meant)


def _wrong_type(path: Path, here: Spot, value: JsonValue, hidden: bool) -> Problem:
    meant = better(value, here)
    if meant is None and isinstance(value, list | dict) and not value and accepts(here, {} if value == [] else []):
        meant = {} if value == [] else []
    if here.secret and not isinstance(meant, bool):
        meant = None  # an edit must not carry a secret into reports
    summary = f"{place_name(path)} needs {words(here)}"
    return Problem(
        path, "PAC205", summary, f"found {found(value, hidden=hidden)}", _type_hint(value, meant, here), replace=meant
    )


def _type_hint(value: JsonValue, meant: JsonValue, here: Spot) -> str:
    if meant is None:
        if isinstance(value, int) and not isinstance(value, bool) and "duration" in words(here):
            return f"add a unit: {value}s, {value}m, {value}h or {value}d"
        return f"write {words(here)}"
    if isinstance(value, str) and not isinstance(meant, str | list):
        return UNQUOTE
    if isinstance(meant, str) and isinstance(value, bool | int | float):
        return "put it in quotes"
    if isinstance(value, list):
        return "write it without the list" if not isinstance(meant, list) else "put its members in quotes"
    return "write it as a list" if isinstance(meant, list) else f"write {meant}"
