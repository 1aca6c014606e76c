"""What must hold among the fields of one object, in the words of a JSON Schema: the part of each kind's `checks` that it can say.

Each relation is a schema beside the one that the types give. Where it is about a nested place, the path to it is spelled out
in `properties`; nothing is required on the way there.
"""

from __future__ import annotations

from ...core.values import JsonMap, JsonValue
from ...resources import schema_subset as subset
from ...resources.kind import Kind
from ...resources.pool.sign_in import METHODS
from ...resources.registry import KINDS, by_word
from ...resources.traits import NAME
from ...resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from .places import PLACEHOLDER

SUBSET, DOCUMENT = "JSONSchemaSubset", "Document"
_ONE_SOURCE: JsonMap = {"minProperties": 1, "maxProperties": 1}
_VARIABLE: JsonMap = {
    "pattern": rf"(^(?![Pp][Oo][Oo][Ll]_[Aa][Ss]_[Cc][Oo][Dd][Ee]_)[A-Za-z_][A-Za-z0-9_]*$)|({PLACEHOLDER})",
    "errorMessage": "Expected the name of an environment variable, but none of POOL_AS_CODE_.",
}
_MOBILE: JsonMap = {
    "pattern": rf"(^\+[1-9][0-9]{{6,14}}$)|({PLACEHOLDER})",
    "errorMessage": "Expected a telephone number in E.164 form such as +48123456789.",
}
_EMAIL: JsonMap = {
    "pattern": rf"(^[^\s@]{{1,64}}@[^\s@]+$)|({PLACEHOLDER})",
    "errorMessage": "Expected an e-mail address such as ada@example.com.",
}
_NOT_RESERVED: JsonMap = {
    "propertyNames": {"pattern": "^(?!pool-as-code$)", "errorMessage": "The key pool-as-code is reserved."}
}


def at(path: str, schema: JsonMap) -> JsonMap:
    """A schema for the place that `a.b[].c` leads to. It judges there, and offers nothing in an editor."""
    head, _, rest = path.partition(".")
    inner = at(rest, schema) if rest else schema
    if head.endswith("[]"):
        inner = {"items": inner}
    return {"properties": {head.removesuffix("[]"): {**inner, "doNotSuggest": True}}}


def never(message: str) -> JsonMap:
    """A schema that no declared value fits, with what to say of it. (`not: {}` would say nothing of use in an editor.)"""
    return {"type": "null", "errorMessage": message}


def any_text_but(text: str, message: str) -> JsonMap:
    """A schema for every text but one."""
    return {"pattern": f"^(?!{text}$)", "errorMessage": message}


def relations(kind: str) -> list[JsonMap]:
    """The relations of a kind's documents."""
    return _RELATIONS.get(kind, [])


def relations_to_kinds(kind: str) -> list[JsonMap]:
    """What documents of layers say about documents of objects, where the definitions of those stand beside them."""
    return {"Patch": [*map(_patched, KINDS)], "ForEach": [_made()]}.get(kind, [])


def project_relations() -> list[JsonMap]:
    """The relations of a project file."""
    kinds: JsonMap = {"type": "object", "propertyNames": {"enum": [*by_word()]}}
    names: JsonMap = {"propertyNames": {"pattern": NAME, "errorMessage": "A name of letters, digits, - and _."}}
    each: JsonMap = {"properties": {"environments": {"additionalProperties": at("maxDeletes", kinds)}}}
    return [at("maxDeletes", kinds), at("environments", names), each]


def subset_schema() -> JsonMap:
    """The subset of JSON Schema that the service supports, as a schema of schemas. `null` keywords count as absent."""
    here: JsonMap = {"$ref": f"#/definitions/{SUBSET}"}
    texts: JsonMap = {"type": "array", "items": {"type": "string"}}
    forms: dict[str, JsonMap] = {
        "type": {"enum": [*subset.TYPES, None]},
        "text": {"type": ["string", "null"]},
        "count": {"type": ["integer", "null"], "minimum": 0},
        "whole number": {"type": ["integer", "null"]},
        "flag": {"type": ["boolean", "null"]},
        "schema": {"anyOf": [here, {"type": "null"}]},
        "schemas": {"type": ["array", "null"], "items": here},
        "schemas by name": {"type": ["object", "null"], "additionalProperties": {"anyOf": [here, {"type": "null"}]}},
        "texts": {"type": ["array", "null"], "items": {"type": "string"}},
        "texts by name": {"type": ["object", "null"], "additionalProperties": texts},
    }
    properties: JsonMap = {keyword: forms[subset.FORMS[keyword]] for keyword in subset.KEYWORDS}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _methods() -> list[JsonMap]:
    """Unknown methods need `allowUnknownMethods: true`; a document that extends another may have it from there."""
    known: JsonMap = {"anyOf": [{"enum": [*METHODS]}, {"type": "string", "pattern": PLACEHOLDER}]}
    known["errorMessage"] = f"Expected a sign-in method: {', '.join(METHODS)}."
    methods: JsonMap = {"items": known, "uniqueItems": True}
    preferred: JsonMap = {**known, "anyOf": [{"enum": [*METHODS, None]}, {"type": "string", "pattern": PLACEHOLDER}]}
    factor: JsonMap = {"properties": {"methods": methods, "preferred": preferred}}
    factors = [at(f"spec.signIn.{name}", factor) for name in ("firstFactor", "secondFactor")]
    extends = at("metadata", {"required": ["extends"]})
    allowing: JsonMap = {"required": ["allowUnknownMethods"], **at("allowUnknownMethods", {"not": {"const": False}})}
    sign_in: JsonMap = {"required": ["signIn"], **at("signIn", allowing)}
    allows: JsonMap = {"required": ["spec"], **at("spec", sign_in)}
    offered = [_among(method) for method in METHODS] + [_in_one_factor(method) for method in METHODS]
    return [
        {"if": {"anyOf": [allows, extends]}, "else": {"allOf": [*factors]}},
        at("spec.signIn", {"allOf": [*offered]}),
    ]


def _in_one_factor(method: str) -> JsonMap:
    """A method of the first factor is none of the second."""
    first: JsonMap = {"required": ["methods"], **at("methods", {"type": "array", "contains": {"const": method}})}
    other = any_text_but(method, f"{method} is a method of the first factor already.")
    return {
        "if": {"required": ["firstFactor"], **at("firstFactor", first)},
        "then": at("secondFactor.methods[]", other),
    }


def _among(method: str) -> JsonMap:
    """Of either factor: a method that is not among `methods` is not `preferred`."""
    lists: JsonMap = {
        "required": ["methods"],
        **at("methods", {"type": "array", "not": {"contains": {"const": method}}}),
    }
    rule: JsonMap = {"if": lists, "then": at("preferred", any_text_but(method, f"{method} is not among the methods."))}
    return {"allOf": [at("firstFactor", rule), at("secondFactor", rule)]}


def _one_of(types: tuple[str, ...]) -> JsonMap:
    """A map with exactly one of these keys."""
    message = f"Expected exactly one of {', '.join(types)}."
    rules: list[JsonValue] = [{"anyOf": [{"required": [word]} for word in types]}]
    for number, word in enumerate(types[:-1]):
        refused: JsonMap = {other: {**never(message), "doNotSuggest": True} for other in types[number + 1 :]}
        rules.append({"if": {"required": [word]}, "then": {"properties": refused}})
    return {"if": {"type": "object"}, "then": {"allOf": rules}}


def _not_both(one: str, other: str) -> JsonMap:
    return {"if": {"required": [one]}, "then": at(other, never(f"Not together with {one}."))}


def _only_new_users_are_invited() -> JsonMap:
    sends: JsonMap = {"required": ["send"], "properties": {"send": {"const": "onCreate"}}}
    new: JsonMap = {
        "anyOf": [{"const": "new"}, {"pattern": PLACEHOLDER}],
        "errorMessage": "Only new users are invited.",
    }
    return {"if": {"required": ["invitation"], "properties": {"invitation": sends}}, "then": at("status", new)}


def _forms(field: str) -> list[JsonMap]:
    return [at(f"spec.{field}[].mobile", _MOBILE), at(f"spec.{field}[].email", _EMAIL)]


def _patched(kind: Kind) -> JsonMap:
    """A patch whose targets are all of one kind lays fields of that kind over them."""
    of_kind: JsonMap = {"minItems": 1, "items": {"pattern": f"^{kind.word}/"}}
    fields: JsonMap = {"$ref": f"#/definitions/{kind.name}/properties/spec"}
    rule: JsonMap = {
        "if": {"required": ["targets"], **at("targets", of_kind)},
        "then": {"properties": {"merge": {"properties": {"spec": fields}}}},
    }
    return at("spec", rule)


def _made() -> JsonMap:
    """The documents of a `ForEach` are documents of objects."""
    items: JsonMap = {"items": {"$ref": f"#/definitions/{DOCUMENT}"}}
    return {"properties": {"spec": {"properties": {"documents": items}}}}


_SOURCE: JsonMap = {**_ONE_SOURCE, **at("fromEnv", _VARIABLE)}
_RELATIONS: dict[str, list[JsonMap]] = {
    "Schema": [
        at("spec.schema", {"if": {"type": "object"}, "then": {"$ref": f"#/definitions/{SUBSET}"}}),
        at("spec.schema.type", {"enum": ["object", None]}),
    ],
    "IdentityPool": [
        at("metadata", _not_both("workspace", "organization")),
        at("spec.metadata", _NOT_RESERVED),
        *_methods(),
    ],
    "Patch": [at("spec", {"anyOf": [{"required": ["targets"]}, {"required": ["selector"]}]})],
    "ForEach": [at("spec", _one_of(("source", "rows")))],
    "Organization": [at("spec.metadata", _NOT_RESERVED)],
    "User": [
        at("spec.identifiers[]", _one_of(IDENTIFIER_TYPES)),
        at("spec.addresses[]", _one_of(ADDRESS_TYPES)),
        at(
            "spec.password",
            {"if": {"type": "object"}, "then": {"anyOf": [{"required": ["initial"]}, {"required": ["hash"]}]}},
        ),
        at("spec.password", _not_both("initial", "hash")),
        at("spec.password.initial", _SOURCE),
        at("spec.password.hash.fromEnv", _VARIABLE),
        at("spec.totp.secret", _SOURCE),
        at("spec.groups", {"uniqueItems": True}),
        at("spec", _only_new_users_are_invited()),
        *_forms("identifiers"),
        *_forms("addresses"),
    ],
}
