"""Whole documents: those of a kind, of all kinds by `kind`, the project file; and the files below `schemas/` that hold them."""

from __future__ import annotations

import json

from ...core.values import JsonMap, JsonValue, as_list
from ...resources import registry
from ...resources.kind import API_VERSION
from ..annotations import required, spot
from ..fields import ENVELOPE, document_types, titles
from ..layers.documents import LAYERS
from ..project_document import ProjectDocument
from .places import UNSET, UNSET_SCHEMA, Dialect, struct_schema
from .relations import DOCUMENT, SUBSET, at, project_relations, relations, relations_to_kinds, subset_schema

DRAFT = "http://json-schema.org/draft-07/schema#"
MANIFESTS, PROJECT = "pool-as-code.schema.json", "project.schema.json"
_LAYERED = Dialect()
_PLAIN = Dialect(layered=False)


def schema_words() -> dict[str, str]:
    """The words that `pac schema` takes -> the kind, or `Project`: kinds, and the short words of addresses."""
    words = {name: name for name in (*document_types(), "Project")}
    return words | {kind.word: kind.name for kind in registry.KINDS}


def kind_schema(name: str) -> JsonMap:
    """The schema of documents of one kind. Raises KeyError for an unknown one."""
    head: JsonMap = {"$schema": DRAFT, "title": name, "description": _sentence(titles()[name])}
    return head | _document(name) | {"definitions": _definitions(name)}


def manifest_schema() -> JsonMap:
    """The schema of documents of all kinds: `kind` chooses."""
    said = {name: titles()[name] for name in document_types()}
    fixed: JsonMap = {"pattern": "^(?!.*[$][{])", "errorMessage": "Expected a name without ${...}: it is an identity."}
    definitions: JsonMap = {DOCUMENT: _of_kinds([kind.name for kind in registry.KINDS])}
    for name in said:
        definitions |= {name: _chosen(name), **_definitions(name)}
    head: JsonMap = {"$schema": DRAFT, "title": "pool-as-code manifest", "description": "One document of a manifest."}
    chosen = _of_kinds(list(said))
    rules = [*as_list(chosen["allOf"]), at("metadata.name", fixed), _snippets(said)]
    return {**head, **chosen, "allOf": rules, "definitions": definitions}


def project_schema() -> JsonMap:
    """The schema of the project file."""
    schema = struct_schema(spot(ProjectDocument), _PLAIN.at("Project"))
    properties = schema["properties"]
    assert isinstance(properties, dict)
    properties |= {"apiVersion": _api_version(), "kind": {"const": "Project", "description": "The project file."}}
    head: JsonMap = {
        "$schema": DRAFT,
        "title": "pool-as-code project",
        "description": "The project file pool-as-code.yaml.",
    }
    return {**head, **schema, "allOf": [*project_relations()]}


def schema_named(word: str) -> JsonMap:
    """The schema for a word of `schema_words`. Raises KeyError for any other."""
    name = schema_words()[word]
    return project_schema() if name == "Project" else kind_schema(name)


def schema_files() -> dict[str, str]:
    """Path below `schemas/` -> text, of every file that is made from the model."""
    files = {MANIFESTS: manifest_schema(), PROJECT: project_schema()}
    files |= {f"kinds/{name}.schema.json": kind_schema(name) for name in document_types()}
    return {path: schema_text(schema) for path, schema in files.items()}


def schema_text(schema: JsonMap) -> str:
    """A schema as it is printed and kept."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _document(name: str) -> JsonMap:
    """A document of one kind, whole. A base (`metadata.abstract`), and what extends one, may lack what the kind requires."""
    place = spot(document_types()[name])
    fields = place.fields
    schema = struct_schema(place, _PLAIN.at(name))
    properties: JsonMap = {
        "apiVersion": _api_version(),
        "kind": {"const": name, "description": _sentence(titles()[name])},
    }
    below: JsonMap = {}
    for part in ("metadata", "spec"):
        field = fields[part]
        needed = [key for key in field.fields if key in required(field.struct) and key != "name"]
        below |= {part: {"required": [*needed]}} if needed else {}
        label = name if part == "spec" else f"{name}.{part}"
        properties[part] = struct_schema(field, _LAYERED.at(label), optional=frozenset(needed))
    schema["properties"] = properties
    more = relations(name)
    if below and name not in LAYERS:
        base: JsonMap = {"anyOf": [{"required": ["abstract"]}, {"required": ["extends"]}]}
        more = [{"if": {"properties": {"metadata": base}}, "else": {"properties": below}}, *more]
    elif below:
        more = [{"properties": below}, *more]
    if more:
        schema["allOf"] = [*more]
    return schema


def _chosen(name: str) -> JsonMap:
    """A document of one kind where `kind` has been judged already, and `apiVersion` with it."""
    schema = _document(name)
    properties, needed = schema["properties"], schema["required"]
    assert isinstance(properties, dict)
    assert isinstance(needed, list)
    schema["properties"] = {**properties, **dict.fromkeys(ENVELOPE, True)}
    schema["required"] = [key for key in needed if key not in ENVELOPE]
    rules = [*as_list(schema.get("allOf")), *relations_to_kinds(name)]
    return {**schema, "allOf": rules} if rules else schema


def _of_kinds(names: list[str]) -> JsonMap:
    """A document of one of these kinds: `kind` chooses. Their definitions stand beside it."""
    said = titles()
    kinds: JsonMap = {
        "description": "What the document declares.",
        "enum": [*names],
        "markdownEnumDescriptions": [_sentence(said[name]) for name in names],
        "errorMessage": f"Expected one of {', '.join(names)}.",
    }
    each: list[JsonValue] = [
        {
            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
            "then": {"$ref": f"#/definitions/{name}"},
        }
        for name in names
    ]
    properties: JsonMap = {"apiVersion": _api_version(), "kind": kinds}
    return {"type": "object", "properties": properties, "required": [*ENVELOPE], "allOf": each}


def _snippets(names: dict[str, str]) -> JsonMap:
    """A document of each kind, offered where there is no kind yet."""
    offered: list[JsonValue] = []
    for name, text in names.items():
        metadata: JsonMap = {"name": "${1:name}"}
        if "pool" in spot(document_types()[name]).fields["metadata"].fields:
            metadata["pool"] = "${2:pool}"
        body: JsonMap = {"apiVersion": API_VERSION, "kind": name, "metadata": metadata, "spec": {"$3": ""}}
        offered.append({"label": name, "description": _sentence(text), "body": body})
    return {"if": {"not": {"required": ["kind"]}}, "then": {"defaultSnippets": offered}}


def _definitions(name: str) -> JsonMap:
    """What the schema of a kind refers to."""
    of_schemas: JsonMap = {SUBSET: subset_schema()} if name == "Schema" else {}
    return {UNSET: dict(UNSET_SCHEMA), **of_schemas}


def _api_version() -> JsonMap:
    return {"const": API_VERSION, "description": "The version of the format."}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
