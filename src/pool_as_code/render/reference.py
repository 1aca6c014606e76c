"""Reference pages made from the model: kinds with every field, codes of messages, findings. Never written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from ..core.codes import CODES
from ..core.fieldpath import FieldPath
from ..core.values import canonical
from ..lint.registry import RULES
from ..lint.rule import Rule
from ..manifest.annotations import words
from ..manifest.fields import PROJECT, fields_of, titles
from ..manifest.layers.documents import LAYERS
from ..manifest.words import doc_text
from ..plan.findings.catalogue import CATALOGUE
from ..resources.registry import KINDS
from ..resources.shape import Field, compile_struct, struct_in

NOTE = "<!-- made by `make golden` from the model; do not edit -->"


def kinds_page() -> str:
    """Every kind with every field, its default and the service's word."""
    lines = [
        NOTE,
        "",
        "# Kinds and fields",
        "",
        "*Default* is what `null` resets to. *The store chooses* means that `null` is an error and an undeclared field shows as",
        "`(store default)` when the object is created.",
    ]
    for kind in KINDS:
        lines += [
            "",
            f"## {kind.name}",
            "",
            f"Address: `{kind.word}/{'POOL/' if kind.container else ''}NAME`. {_sentence(kind.title)}",
        ]
        lines += ["", "### metadata", "", *_table(kind.metadata_shape)]
        lines += ["", "### spec", "", *_table(kind.shape)]
    lines += ["", "# Layers", "", "Documents that make or change others, and stand for no object themselves."]
    for name in LAYERS:
        lines += ["", f"## {name}", "", _sentence(titles()[name]), "", *_plain_table(name)]
    lines += ["", "# The project file", "", _sentence(titles()[PROJECT]), "", *_plain_table(PROJECT)]
    return "\n".join(lines) + "\n"


def _plain_table(kind: str) -> Iterator[str]:
    """The fields of documents whose values are not managed: they have neither defaults nor words of the service."""
    yield "| field | type | what |"
    yield "| --- | --- | --- |"
    for entry in fields_of(kind):
        name = entry.label.partition(".")[2]
        yield f"| `{name}` | {_cell(words(entry.place))} | {_cell(doc_text(entry.place))} |"


def codes_page() -> str:
    """Every code of a message, and every finding of a plan."""
    lines = [
        NOTE,
        "",
        "# Messages and findings",
        "",
        "## Messages",
        "",
        "| code | what | why | what to do |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{doc.code}` | {_cell(doc.title)} | {_cell(doc.cause)} | {_cell(doc.next_step)} |" for doc in CODES]
    lines += [
        "",
        "## Findings",
        "",
        "A finding of severity `block` stops an apply with exit code 4. Those marked *yes* can be lifted with",
        "`--allow CODE@ADDRESS`.",
        "",
        "| code | severity | what | what to do | `--allow` |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{doc.code}` | {doc.severity.value} | {_cell(doc.title)} | {_cell(doc.next_step)} | {'yes' if doc.allowable else 'no'} |"
        for doc in CATALOGUE
    ]
    lines += [
        "",
        "## Lint rules",
        "",
        "`rules` of the project file names them by rule or by code. `pac explain RULE` shows how.",
        "",
        "| rule | code | severity | options |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| `{rule.name}` | `{rule.code}` | {rule.severity} | {_options(rule)} |" for rule in RULES.rules]
    return "\n".join(lines) + "\n"


def _options(rule: Rule) -> str:
    return "<br>".join(f"`{option.name}`: {_cell(option.doc)}" for option in rule.options)


def _table(shape: Field) -> Iterator[str]:
    yield "| field | type | what | default | the service's word |"
    yield "| --- | --- | --- | --- | --- |"
    for path, leaf in _rows(shape):
        name = f"`{'.'.join(map(str, path))}`"
        wire = f"`{leaf.wire}`" if leaf.wire else ""
        type = f"list of {type_words(leaf.annotation)}" if leaf.children else type_words(leaf.annotation)
        yield f"| {name} | {_cell(type)} | {_cell(leaf.doc)}{_marks(leaf)} | {_default(leaf)} | {wire} |"


def _rows(shape: Field) -> Iterator[tuple[FieldPath, Field]]:
    for path, leaf in shape.leaves():
        yield path, leaf
        whole = struct_in(leaf.annotation) if leaf.atomic else None
        if whole is not None:
            for inner, child in compile_struct(path[-1], whole).leaves():
                yield (*path, *inner), child
        for key, child in leaf.children.items():
            yield (*path[:-1], f"{path[-1]}[]", key), child


def _default(leaf: Field) -> str:
    if leaf.has_default:
        return f"`{canonical(leaf.default).decode()}`"
    if leaf.server_chosen is not None:
        return f"the store chooses{': ' + _cell(leaf.server_chosen) if leaf.server_chosen else ''}"
    return ""


def _marks(leaf: Field) -> str:
    words = [
        word
        for flag, word in (
            (leaf.initial, "initial: written at creation, then the user's own"),
            (leaf.immutable, "can not change"),
            (leaf.unordered, "order means nothing"),
            (leaf.per_item, "managed item by item"),
            (leaf.per_key, "managed key by key"),
            (leaf.secret, "secret"),
        )
        if flag
    ]
    return f" ({'; '.join(words)})" if words else ""


def type_words(hint: Any) -> str:
    """A type in words: `text`, `true or false`, `one of ...`, `list of ...`."""
    origin = getattr(hint, "__origin__", None)
    if hasattr(hint, "__metadata__"):
        return type_words(origin)
    name = str(getattr(hint, "__name__", ""))
    simple = {
        "str": "text",
        "bool": "true or false",
        "int": "whole number",
        "float": "number",
        "NoneType": "null",
        "Any": "any",
    }
    if hint is type(None) or name in simple:
        return simple.get(name, "null")
    arguments = get_args(hint)
    if str(origin).endswith("Literal"):
        return "one of " + ", ".join(str(argument) for argument in arguments)
    if name == "list" or origin is list:
        return f"list of {type_words(arguments[0])}" if arguments else "list"
    if name == "dict" or origin is dict:
        return "map"
    if arguments:
        words = dict.fromkeys(type_words(argument) for argument in arguments if argument is not type(None))
        return " or ".join(words)
    return "map"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def pages() -> Iterable[tuple[str, str]]:
    """(file name below docs/reference, text) of every page."""
    return (("kinds.md", kinds_page()), ("codes.md", codes_page()))
