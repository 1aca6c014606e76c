"""A right value for every field, and a whole document around it. Made from the field's type; where that would be odd or
wrong, from the table below. The tests validate the document of every field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin

import typing_extensions

from ..core.clock import canonical_duration, canonical_time
from ..core.values import JsonMap, JsonValue, as_map
from ..resources import traits as t
from ..resources.kind import API_VERSION
from .annotations import FORMS, Path, Spot, limit, members, required, spot
from .fields import ENTRY, ITEM, PROJECT, FieldEntry, document_types
from .project_document import ProjectDocument

NAMES = {
    "Workspace": "shop",
    "Organization": "acme",
    "Schema": "customer-profile",
    "IdentityPool": "customers",
    "Group": "support",
    "User": "ada",
    "Patch": "stricter-passwords",
    "ForEach": "teams",
}
_REFERRED = {"workspace": "shop", "organization": "acme", "schema": "customer-profile", "group": "staff"}
_PROFILE: JsonMap = {"type": "object", "properties": {"first_name": {"type": "string", "minLength": 1}}}
_STRICTER: JsonMap = {"spec": {"passwordPolicy": {"minLength": 16}}}
_GROUP: JsonMap = {
    "apiVersion": API_VERSION,
    "kind": "Group",
    "metadata": {"name": "${row.team}", "pool": "customers"},
    "spec": {"displayName": "${row.title}"},
}
_ROWS: list[JsonValue] = [{"team": "support", "title": "Support"}, {"team": "billing", "title": "Billing"}]
_INITIAL: JsonMap = {"initial": {"fromEnv": "ADA_PASSWORD"}}


class Example(NamedTuple):
    """`beside` are other fields of the same map that it needs, `document` fields at the top of the document."""

    value: JsonValue
    beside: Mapping[str, JsonValue] = {}
    document: Mapping[str, JsonValue] = {}


_METHODS: list[JsonValue] = ["password", "webauthn"]
EXAMPLES: dict[str, Example] = {
    "IdentityPool.signIn.firstFactor.methods": Example(_METHODS),
    "IdentityPool.signIn.firstFactor.preferred": Example("password", {"methods": _METHODS}),
    "IdentityPool.signIn.secondFactor.methods": Example(["totp"]),
    "IdentityPool.signIn.secondFactor.preferred": Example("totp", {"methods": ["totp"]}),
    "IdentityPool.signIn.secondFactor.skipFromAssurance": Example(60),
    "IdentityPool.signIn.totpIssuer": Example("Shop"),
    "IdentityPool.passwordPolicy.minLength": Example(12),
    "IdentityPool.passwordPolicy.history": Example(5),
    "IdentityPool.passwordPolicy.strength": Example("strong"),
    "IdentityPool.poolLimits.passkeysPerUser": Example(10),
    "IdentityPool.spec.metadata": Example({"billing": {"plan": "gold"}}),
    "IdentityPool.extra": Example({"some_new_field": True}),
    "Organization.metadata.parent": Example("shop"),
    "Organization.allowedMethods": Example(_METHODS),
    "Organization.spec.metadata": Example({"billing": {"plan": "gold"}}),
    "Workspace.allowedMethods": Example(_METHODS),
    "Schema.schema": Example(_PROFILE),
    "User.metadata.manage": Example("always"),
    "User.status": Example("active"),
    "User.identifiers": Example([{"email": "ada@example.com"}, {"uid": "ada"}]),
    "User.identifiers[].email": Example("ada@example.com"),
    "User.identifiers[].mobile": Example("+48123456789"),
    "User.identifiers[].uid": Example("ada"),
    "User.identifiers[].external": Example("crm-1815"),
    "User.identifiers[].federated": Example("google.1815"),
    "User.identifiers[].metadata": Example({"source": "crm"}, {"uid": "ada"}),
    "User.addresses": Example([{"email": "ada@example.com", "verified": True}]),
    "User.addresses[].email": Example("ada@example.com"),
    "User.addresses[].mobile": Example("+48123456789"),
    "User.addresses[].verified": Example(True, {"email": "ada@example.com"}),
    "User.addresses[].status": Example("inactive", {"email": "ada@example.com"}),
    "User.addresses[].preferredContactMethod": Example("voice", {"mobile": "+48123456789"}),
    "User.addresses[].allowedForSecondFactor": Example(True, {"mobile": "+48123456789"}),
    "User.addresses[].metadata": Example({"source": "crm"}, {"email": "ada@example.com"}),
    "User.profile": Example({"first_name": "Ada", "last_name": "Lovelace"}),
    "User.administrative": Example({"tier": "gold"}),
    "User.delegated": Example({"newsletter": True}, {"schemas": {"delegated": "customer-profile"}}),
    "User.preferences.secondFactor": Example("totp"),
    "User.groups": Example(["staff"]),
    "User.password": Example(_INITIAL),
    "User.password.initial": Example({"fromEnv": "ADA_PASSWORD"}),
    "User.totp": Example({"secret": {"fromEnv": "ADA_TOTP"}}),
    "User.totp.secret": Example({"fromEnv": "ADA_TOTP"}),
    "User.password.initial.fromEnv": Example("ADA_PASSWORD"),
    "User.password.initial.fromFile": Example("secrets/ada"),
    "User.password.initial.fromCommand": Example("pass show ada"),
    "User.password.hash": Example({"fromEnv": "ADA_PASSWORD_HASH"}),
    "User.password.mustChange": Example(True, _INITIAL),
    "User.password.mustReset": Example(True, _INITIAL),
    "User.totp.secret.fromEnv": Example("ADA_TOTP"),
    "User.totp.secret.fromFile": Example("secrets/ada-totp"),
    "User.totp.secret.fromCommand": Example("pass show ada-totp"),
    "User.passkeys": Example([{"id": "AQIDBAUGBwg", "publicKey": "pQECAyYgASFYIA"}]),
    "User.invitation.send": Example("onCreate"),
    "User.invitation.returnTo": Example("https://shop.example.com/welcome"),
    "Patch.targets": Example(["pool/customers"]),
    "Patch.selector": Example({"tier": "gold"}),
    "Patch.merge": Example(_STRICTER, {"targets": ["pool/customers"]}),
    "Patch.merge.metadata": Example({"protect": True}),
    "Patch.merge.spec": Example({"passwordPolicy": {"minLength": 16}}),
    "ForEach.source": Example({"file": "teams.csv"}),
    "ForEach.source.file": Example("teams.csv"),
    "ForEach.source.delimiter": Example(";"),
    "ForEach.rows": Example(_ROWS),
    "ForEach.columns": Example({"size": "integer"}, {"source": {"file": "teams.csv"}}),
    "ForEach.documents": Example([_GROUP], {"source": {"file": "teams.csv"}}),
    "Project.id": Example("p-4f1c9ab27e60d835"),
    "Project.name": Example("Shop"),
    "Project.manifests": Example(["manifests"]),
    "Project.variables": Example({"host": "dev.shop.example.com", "digits": {"type": "integer", "default": 1}}),
    "Project.variables.NAME.type": Example("integer"),
    "Project.variables.NAME.default": Example("dev.shop.example.com", {"type": "text"}),
    "Project.variables.NAME.description": Example("The host of the shop."),
    "Project.rules": Example({"pool-not-protected": "error"}),
    "Project.rules.NAME.severity": Example("error"),
    "Project.rules.NAME.options": Example({"min": 12}),
    "Project.waivers": Example(
        [{"rule": "pool-not-protected", "reason": "Trials are short-lived.", "expires": "2027-06-30"}]
    ),
    "Project.waivers[].rule": Example("pool-not-protected"),
    "Project.waivers[].address": Example("pool/trial-*"),
    "Project.waivers[].reason": Example("Trials are short-lived."),
    "Project.waivers[].expires": Example("2027-06-30"),
    "Project.maxDeletes": Example({"user": 10, "group": 5}),
    "Project.defaultEnvironment": Example("dev", {"environments": {"dev": {"store": "memory:"}}}),
    "Project.environments": Example({"dev": {"store": "sqlite:///dev.db"}, "prod": {"protected": True}}),
    "Project.environments.NAME.store": Example("sqlite:///shop.db"),
    "Project.environments.NAME.manifests": Example(["only/prod"]),
    "Project.environments.NAME.variables": Example(
        {"host": "shop.example.com"}, document={"variables": {"host": {"type": "text"}}}
    ),
    "Project.environments.NAME.bindings": Example({"pool/customers": "c67evw7mj4"}),
    "Project.environments.NAME.patches": Example([{"targets": ["pool/customers"], "merge": _STRICTER}]),
    "Project.environments.NAME.patches[].targets": Example(["pool/customers"]),
    "Project.environments.NAME.patches[].selector": Example({"tier": "gold"}),
    "Project.environments.NAME.patches[].merge": Example(_STRICTER, {"targets": ["pool/customers"]}),
    "Project.environments.NAME.patches[].merge.metadata": Example({"protect": True}),
    "Project.environments.NAME.patches[].merge.spec": Example({"passwordPolicy": {"minLength": 16}}),
    "Project.environments.NAME.maxDeletes": Example({"user": 10}),
}
_ENTRY_NAMES = {"variables": "host", "rules": "password-too-short", "environments": "prod"}
_LAST: dict[str, JsonValue] = {  # of fields that stand in several places, by their last word
    "description": "Everyone who buys",
    "displayName": "Shop",
    "extends": "base",
    "from": "p-4f1c9ab27e60d835",
    "labels": {"tier": "gold"},
    "length": 6,
    "pool": "customers",
    "previousNames": ["former"],
    "ttl": "10m",
}


def example_value(entry: FieldEntry) -> JsonValue:
    """A right value of a field."""
    if entry.path == ("metadata", "name"):
        return NAMES[entry.kind]
    found = EXAMPLES.get(entry.label)
    if found is not None:
        return found.value
    fields = entry.place.fields
    told = next((key for key in fields if f"{entry.label}.{key}" in EXAMPLES), None)
    if told is not None and not required(entry.place.struct):
        first = EXAMPLES[f"{entry.label}.{told}"]
        return {**first.beside, told: first.value}
    return _made(entry.place, entry.path[-1])


def scalar_example(label: str, place: Spot) -> JsonValue:
    """A value to offer for a text or number of some form; None where any would do, or where words are listed anyway."""
    member = members(place)[0]
    if label.endswith(".metadata.name"):
        return NAMES[label.partition(".")[0]]
    if label in EXAMPLES:
        return EXAMPLES[label].value if member.hint in (str, int, float) else None
    formed = limit(member, "pattern") in FORMS or any(hasattr(mark, "func") for mark in member.marks)
    return _made(place, label.rpartition(".")[2]) if member.hint is str and formed else None


def example_document(entry: FieldEntry) -> JsonMap:
    """A document that declares the field and little else, and is valid beside the ones it names."""
    root = spot(ProjectDocument if entry.kind == PROJECT else document_types()[entry.kind])
    found = EXAMPLES.get(entry.label, Example(None))
    document = as_map(_around(root, entry.kind, (), entry.path, example_value(entry), found.beside))
    return {**document, **found.document}


def _around(
    place: Spot, kind: str, above: Path, path: tuple[str, ...], value: JsonValue, beside: Mapping[str, JsonValue]
) -> JsonValue:
    """The value at a path below a place, with everything that its maps must have."""
    key, rest = path[0], path[1:]
    inner = place.step(0 if key == ITEM else key)
    below = _around(inner, kind, (*above, key), rest, value, beside) if rest and inner is not None else value
    if key == ITEM:
        return [below]
    if key == ENTRY:
        return {_ENTRY_NAMES.get(str(above[-1]), "one"): below}
    struct = place.struct
    made: JsonMap = {}
    for name, field in spot(struct).fields.items():
        if name == key:
            made |= {} if rest else dict(beside)
            made[key] = below
        elif name in required(struct) and name not in beside:
            made[name] = _needed(kind, (*above, name), field)
    return made if {"targets", "selector", "source", "rows"} & set(made) else {**_chosen(struct), **made}


def _needed(kind: str, path: Path, field: Spot) -> JsonValue:
    """A value of a field that must be there."""
    name = str(path[-1])
    if path == ("metadata", "name"):
        return NAMES[kind]
    if name == "pool":
        return "customers"
    short = path[1:] if path[0] == "spec" and len(path) > 1 else path
    label = f"{kind}.{'.'.join(map(str, short))}".replace(f".{ITEM}", ITEM).replace(f".{ENTRY}.", ".NAME.")
    if label in EXAMPLES:
        return EXAMPLES[label].value
    if len(path) > 1 or not field.fields:
        return _made(field, name)
    made = {
        key: _needed(kind, (*path, key), below) for key, below in field.fields.items() if key in required(field.struct)
    }
    return {**_chosen(field.struct), **made}


def _chosen(struct: Any) -> JsonMap:
    """What one of several fields must be there for, in patches and ForEach."""
    fields = spot(struct).fields
    if "targets" in fields:
        return {"targets": ["pool/customers"]}
    return {"source": {"file": "teams.csv"}} if "rows" in fields else {}


def _made(place: Spot, key: str) -> JsonValue:
    """A value made from the type."""
    if key in _LAST:
        return _LAST[key]
    ref = place.mark(t.Ref)
    default = place.mark(t.Default)
    member = members(place)[0]
    if ref is not None:
        name = _REFERRED[ref.kind]
        return [name] if get_origin(member.hint) is list else name
    return _of_type(member, default.value if default is not None else None)


def _of_type(member: Spot, default: JsonValue) -> JsonValue:
    hint, origin = member.hint, get_origin(member.hint)
    if origin is Literal:
        return next((str(word) for word in get_args(hint) if word != default), None)
    if typing_extensions.is_typeddict(hint):
        fields = member.fields
        keys = [key for key in fields if key in required(hint)] or list(fields)[:1]
        return {key: _made(fields[key], key) for key in keys}
    if origin is list:
        return [_of_type(members(spot(get_args(hint)[0]))[0], None)]
    if origin is dict or hint is Any:
        return {"key": "value"}
    if hint is bool:
        return default is not True
    if hint in (int, float):
        return max(limit(member, "ge") or 0, 1)
    return _text(member)


def _text(member: Spot) -> str:
    known = member.mark(t.Known)
    if known is not None:
        return str(known.values[0])
    functions = {getattr(mark, "func", None) for mark in member.marks}
    if canonical_duration in functions:
        return "30d"
    if canonical_time in functions:
        return "2026-01-01T00:00:00Z"
    pattern = str(limit(member, "pattern"))
    said = re.search(r"such as (\S+)$", FORMS.get(pattern, ""))
    if said is not None:
        return said[1]
    return {t.ID: "c67evw7mj4", t.REF: "$default", t.NAME: "shop", t.LONG_NAME: "staff"}.get(
        pattern, "Everyone who buys"
    )
