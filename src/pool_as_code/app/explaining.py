"""What a word means: found among kinds, fields, codes of messages, findings of plans and lint rules, by our words, by the
service's, or nearly by either."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from ..core.codes import CODES
from ..core.errors import InvalidInput
from ..core.values import JsonMap
from ..core.yaml import dump
from ..lint.registry import RULES
from ..lint.rule import Rule
from ..manifest.annotations import words
from ..manifest.examples import example_document
from ..manifest.fields import ENTRY, ITEM, PROJECT, FieldEntry, all_fields, fields_of, inside, titles
from ..manifest.words import doc_text, known_words, null_rule, traits_in_words
from ..plan.findings.catalogue import CATALOGUE, FindingDoc
from ..render.explain import Topic
from ..resources import registry

_KINDS, _CODES = "docs/reference/kinds.md", "docs/reference/codes.md"
_SUGGESTED = 5


def explain(word: str) -> list[Topic]:
    """Everything that the word names, the most exact first. Raises InvalidInput, with the nearest words, where it names nothing."""
    asked = word.strip().strip(".")
    found = ([*_kinds(asked), *_coded(asked)] or _fields(asked)) if asked else []
    if found:
        return found
    if "$" in asked:
        hint = "docs/layers.md tells of $unset, ${var.NAME}, ${row.COLUMN} and $${"
        raise InvalidInput(f"nothing is called {word!r}", hint=hint)
    near = suggestions(asked)
    hint = f"did you mean {', '.join(near[:-1])}{' or ' if near[1:] else ''}{near[-1]}?" if near else ""
    raise InvalidInput(
        f"nothing is called {word!r}", hint=hint or "pac explain IdentityPool lists the fields of a pool"
    )


def suggestions(word: str) -> list[str]:
    """The words nearest to one that names nothing, the nearest first."""
    by_shape: dict[str, str] = {}
    for choice in _names(full="." in word):
        by_shape.setdefault(_shape(choice), choice)
    close = difflib.get_close_matches(_shape(word), list(by_shape), n=_SUGGESTED, cutoff=0.6)
    return [by_shape[shape] for shape in close]


def all_names() -> list[str]:
    """Every name that `explain` takes for one thing alone, for completion."""
    return list(dict.fromkeys(_names(full=True)))


def _names(*, full: bool) -> Iterator[str]:
    yield from titles()
    yield from (kind.word for kind in registry.KINDS)
    for entry in all_fields():
        yield entry.label
        if not full:
            yield entry.path[-1]
            yield from filter(None, (entry.wire.rpartition(".")[2], entry.wire))
    yield from (doc.code for doc in CODES)
    yield from (doc.code for doc in CATALOGUE)
    yield from (rule.name for rule in RULES.rules)


def _shape(word: str) -> str:
    return word.replace("_", "").replace("-", "").lower()


# -- kinds


def _kinds(word: str) -> Iterator[Topic]:
    by_word = {_shape(kind.word): kind.name for kind in registry.KINDS} | {_shape(name): name for name in titles()}
    name = by_word.get(_shape(word))
    if name is not None:
        yield _kind(name)


def _kind(name: str) -> Topic:
    text = titles()[name]
    known = registry.by_name().get(name)
    facts = [("address", f"{known.word}/{'POOL/' if known.container else ''}NAME")] if known is not None else []
    fields = [entry for entry in fields_of(name) if _is_at_top(entry)]
    example = next(entry for entry in fields if entry.path[0] == "spec" or name == PROJECT)
    return Topic(
        name,
        "kind",
        f"{text[:1].upper()}{text[1:]}.",
        tuple(facts),
        inside=tuple((entry.label.partition(".")[2], doc_text(entry.place)) for entry in fields),
        example=dump([example_document(example)]),
        documented=_page(name),
    )


def _is_at_top(entry: FieldEntry) -> bool:
    return len(entry.path) == (2 if entry.path[0] in ("metadata", "spec") else 1)


def _page(kind: str) -> str:
    return f"{_KINDS}#{'the-project-file' if kind == PROJECT else kind.lower()}"


# -- fields


def _fields(word: str) -> list[Topic]:
    steps = tuple(_shape(step) for step in word.replace(ITEM, "").split("."))
    entries = list(all_fields())
    for match in (_by_path, _by_wire, _by_end):
        found = [entry for entry in entries if match(entry, steps)]
        if found:
            return [_field(entry) for entry in found]
    return []


def _by_path(entry: FieldEntry, steps: tuple[str, ...]) -> bool:
    """`IdentityPool.passwordPolicy.minLength`, `pool.spec.passwordPolicy`; members of maps may have any name or none."""
    known = registry.by_name().get(entry.kind)
    if steps[0] not in {_shape(entry.kind), known.word if known is not None else ""}:
        return False
    return _leads(entry.path, steps[1:]) or (entry.path[0] == "spec" and _leads(entry.path[1:], steps[1:]))


def _leads(path: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    if not path:
        return not steps
    if path[0] == ITEM:
        return _leads(path[1:], steps)
    if path[0] == ENTRY:
        return _leads(path[1:], steps) or (bool(steps) and _leads(path[1:], steps[1:]))
    return bool(steps) and _shape(path[0]) == steps[0] and _leads(path[1:], steps[1:])


def _by_wire(entry: FieldEntry, steps: tuple[str, ...]) -> bool:
    return len(steps) > 1 and _ends(entry.wire.split("."), steps)


def _by_end(entry: FieldEntry, steps: tuple[str, ...]) -> bool:
    own = [step for step in entry.path if step not in (ITEM, ENTRY)]
    return _ends(own, steps) or _ends(entry.wire.split("."), steps)


def _ends(names: Iterable[str], steps: tuple[str, ...]) -> bool:
    return tuple(map(_shape, names))[-len(steps) :] == steps


def _field(entry: FieldEntry) -> Topic:
    place = entry.place
    facts = [("type", words(place) + (", or null" if place.takes_null else ""))]
    known = known_words(place)
    if known:
        facts.append(("known", ", ".join(known)))
    rule = null_rule(place).replace("`", "").rstrip(".")
    if rule:
        facts.append(("without it", rule) if rule.startswith("Not") else ("default", rule.removeprefix("Default: ")))
    if entry.wire:
        facts.append(("the service", entry.wire))
    return Topic(
        entry.label,
        "field",
        doc_text(place),
        tuple(facts),
        tuple(traits_in_words(place)),
        tuple((key, doc_text(field)) for _, inner in inside(place) for key, field in inner.fields.items()),
        dump([example_document(entry)]),
        _page(entry.kind),
    )


# -- codes


def _coded(word: str) -> Iterator[Topic]:
    shape = _shape(word)
    rule = next((rule for rule in RULES.rules if shape in (_shape(rule.name), _shape(rule.code))), None)
    if rule is not None:
        yield _rule(rule)
        return
    for doc in CODES:
        if _shape(doc.code) == shape:
            notes = (f"Why: {doc.cause}", f"Next: {doc.next_step}")
            yield Topic(doc.code, "message", f"{doc.title}.", notes=notes, documented=_CODES)
    yield from (_finding(doc) for doc in CATALOGUE if _shape(doc.code) == shape)


def _finding(doc: FindingDoc) -> Topic:
    facts = [("severity", doc.severity.value)]
    if doc.allowable:
        facts.append(("lifted by", f"--allow {doc.code}@ADDRESS"))
    return Topic(doc.code, "finding of a plan", doc.title, tuple(facts), (f"Next: {doc.next_step}",), documented=_CODES)


def _rule(rule: Rule) -> Topic:
    doc = rule.doc
    settings: JsonMap = {"severity": rule.severity, "options": {**rule.defaults}}
    example: JsonMap = {"rules": {rule.name: settings if rule.options else rule.severity}}
    return Topic(
        f"{rule.name}",
        "lint rule",
        f"{doc.title}.",
        (("code", rule.code), ("severity", rule.severity)),
        (f"Why: {doc.cause}", f"Next: {doc.next_step}"),
        tuple((option.name, option.doc) for option in rule.options),
        "# in pool-as-code.yaml\n" + dump([example]).removeprefix("---\n"),
        _CODES,
    )
