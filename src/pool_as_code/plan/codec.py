"""The plan's JSON form, in the field names of Terraform's plan representation plus ours, and the digest people approve.

`loads(dumps(plan)) == plan`, and equal plans are equal bytes. `schemas/plan.schema.json` describes the form.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import InvalidInput
from ..core.fieldpath import parse_path
from ..core.rights import Grant, Right
from ..core.values import JsonMap, JsonValue, as_list, as_map, sha256_hex
from ..resources.kind import API_VERSION
from ..resources.registry import by_word
from .extent import extent
from .model import (
    FORMAT_VERSION,
    MISSING_RIGHT,
    Action,
    Change,
    Effect,
    EffectNote,
    FieldChange,
    Finding,
    Ownership,
    Plan,
    Target,
)

_ACTIONS: dict[Action, list[JsonValue]] = {
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.DELETE: ["delete"],
    Action.RELEASE: ["forget"],
    Action.OWN: ["no-op"],
}


def dumps(plan: Plan, *, indent: bool = True) -> bytes:
    """The plan as JSON bytes, keys sorted, a line end at the end."""
    option = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(to_json(plan), option=option)


def loads(data: bytes | str, name: str = "the plan file") -> Plan:
    """The plan in a JSON text; raises InvalidInput when it is no plan of a version that this one reads."""
    try:
        value = orjson.loads(data)
    except ValueError as error:
        raise _not_a_plan(name, f"it is not JSON: {error}") from None
    if not isinstance(value, dict) or "format_version" not in value:
        raise _not_a_plan(name, "it has no format_version")
    version = str(value["format_version"])
    if version.partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
        raise _not_a_plan(name, f"it has format version {version}; this tool reads {FORMAT_VERSION}")
    try:
        plan = from_json(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:  # pydantic's errors are ValueErrors
        raise _not_a_plan(name, f"a part of it is missing or of another form ({type(error).__name__})") from None
    if value.get("digest") != plan.digest:
        raise InvalidInput(
            f"{name} was changed after it was made",
            [
                Diagnostic(
                    "PAC311",
                    f"{name} was changed after it was made",
                    detail="its digest does not fit its content",
                    hint="make it again: pac plan --out FILE",
                )
            ],
        )
    return plan


def _not_a_plan(name: str, why: str) -> InvalidInput:
    diagnostic = Diagnostic("PAC310", f"{name} is not a plan", detail=why, hint="make one: pac plan --out FILE")
    return InvalidInput(f"{name} is not a plan", [diagnostic])


def digest_of(plan: Plan) -> str:
    """SHA-256 over what a reviewer approves: format, store, project, addresses, actions, fields before and after, secret
    references, blocking findings but those about the rights of who asks. Not revisions, ids, times, counters, other findings."""
    return sha256_hex(
        {
            "format": plan.format_version,
            "fingerprint": plan.target.fingerprint,
            "project": plan.target.project,
            "environment": plan.target.environment,
            "destroy": plan.destroy,
            "changes": [_approved(change) for change in plan.changes],
            "blocking": [[f.code, f.address] for f in plan.blocked if f.code != MISSING_RIGHT],
        }
    )


def _approved(change: Change) -> JsonMap:
    return {
        "address": str(change.address),
        "action": change.action.value,
        "previous": str(change.previous_address) if change.previous_address else None,
        "fields": [_field_to_json(field) for field in change.fields],
        "after": change.after,
        "secrets": dict(change.secrets),
        "ownership": _ownership_to_json(change.ownership),
    }


def to_json(plan: Plan) -> JsonMap:
    """The plan as JSON values."""
    target = plan.target
    return {
        "format_version": plan.format_version,
        "pool_as_code_version": plan.tool_version,
        "digest": plan.digest,
        "target": {
            "store": target.store,
            "fingerprint": target.fingerprint,
            "project": target.project,
            "project_name": target.project_name,
            "environment": target.environment,
        },
        "whole_project": plan.whole_project,
        "destroy": plan.destroy,
        "applyable": bool(plan.changes) and not plan.blocked,
        "resource_changes": [_change_to_json(change) for change in plan.changes],
        "findings": [_finding_to_json(finding) for finding in plan.findings],
        "effects": [{"kind": e.kind, "address": e.address, "text": e.text} for e in plan.effects],
        "rights": [_right_to_json(right) for right in plan.rights],
        "references": dict(plan.references),
        "orphaned": [str(address) for address in plan.orphaned],
        "unmanaged": dict(plan.unmanaged),
        "unchanged": dict(plan.unchanged),
        "owned": dict(plan.owned),
    }


def _change_to_json(change: Change) -> JsonMap:
    if change.action is Action.ADOPT:
        actions: list[JsonValue] = ["update"] if change.fields else ["no-op"]
    else:
        actions = _ACTIONS[change.action]
    sensitive: JsonMap = dict.fromkeys(change.secrets, True)
    terraform: JsonMap = {
        "actions": actions,
        "before": change.before,
        "after": change.after,
        "before_sensitive": {},
        "after_sensitive": sensitive,
    }
    if change.action is Action.ADOPT:
        terraform["importing"] = {"id": change.remote_id}
    return {
        "address": str(change.address),
        "type": by_word()[change.address.kind].name,
        "name": change.address.name,
        "mode": "managed",
        "previous_address": str(change.previous_address) if change.previous_address else None,
        "change": terraform,
        "action": change.action.value,
        "level": change.level,
        "reason": change.reason,
        "field_changes": [_field_to_json(field) for field in change.fields],
        "remote_id": change.remote_id,
        "pool_id": change.pool_id,
        "revision": change.revision,
        "requires": [str(address) for address in change.requires],
        "secrets": dict(change.secrets),
        "ownership": _ownership_to_json(change.ownership),
        "managed": _managed(change),
        "unguarded": change.unguarded,
    }


def _managed(change: Change) -> JsonValue:
    """How many of its kind's settings are managed; follows from the ownership, so it is not read back."""
    found = extent(change)
    return {"fields": found.declared, "of": found.settable} if found is not None else None


def _field_to_json(field: FieldChange) -> JsonMap:
    return {
        "path": field.name,
        "before": field.before,
        "after": field.after,
        "effect": field.effect.value,
        "sensitive": field.sensitive,
        "personal": field.personal,
        "weakens": field.weakens,
        "metadata": field.metadata,
    }


def _ownership_to_json(ownership: Ownership | None) -> JsonValue:
    if ownership is None:
        return None
    return {
        "fields": dict(ownership.fields),
        "added": list(ownership.added),
        "dropped": list(ownership.dropped),
        "protect": ownership.protect,
        "adopted": ownership.adopted,
        "taken_from": ownership.taken_from,
        "settles": ownership.settles,
    }


def _finding_to_json(finding: Finding) -> JsonMap:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "reason": finding.reason,
        "address": finding.address,
        "next_step": finding.next_step,
        "detail": finding.detail,
    }


def _right_to_json(right: Right) -> JsonMap:
    return {
        "who": right.who,
        "name": right.name,
        "reason": right.reason,
        "grant": right.grant.value,
        "addresses": [str(address) for address in right.addresses],
        "has": right.has,
        "next_step": right.next_step,
    }


def from_json(value: Mapping[str, JsonValue]) -> Plan:
    """The inverse of `to_json`; raises KeyError, TypeError or ValueError for anything that is not its output."""
    target = as_map(value["target"])
    return Plan(
        target=Target(
            store=str(target["store"]),
            fingerprint=str(target["fingerprint"]),
            project=str(target["project"]),
            project_name=str(target["project_name"]),
            environment=str(target["environment"]),
        ),
        changes=tuple(_change_from_json(as_map(change)) for change in as_list(value["resource_changes"])),
        findings=tuple(_finding_from_json(as_map(finding)) for finding in as_list(value["findings"])),
        effects=tuple(
            EffectNote(str(e["kind"]), str(e["address"]), str(e["text"]))
            for e in map(as_map, as_list(value["effects"]))
        ),
        rights=tuple(_right_from_json(as_map(right)) for right in as_list(value["rights"])),
        references={str(Address.parse(text)): id for text, id in _texts(value["references"]).items()},
        orphaned=tuple(Address.parse(str(address)) for address in as_list(value["orphaned"])),
        unmanaged=_numbers(value["unmanaged"]),
        unchanged=_numbers(value["unchanged"]),
        owned=_numbers(value["owned"]),
        format_version=str(value["format_version"]),
        tool_version=str(value["pool_as_code_version"]),
        whole_project=bool(value["whole_project"]),
        destroy=bool(value["destroy"]),
    )


def _change_from_json(value: JsonMap) -> Change:
    terraform = as_map(value["change"])
    previous = value["previous_address"]
    address, action = Address.parse(str(value["address"])), Action(str(value["action"]))
    after = _map_or_none(terraform["after"])
    if action is Action.CREATE:
        _check_body(address, after)
    if value["ownership"] is None:
        raise ValueError("a change without an ownership record")
    return Change(
        address,
        action,
        level=_whole(value["level"]),
        reason=str(value["reason"]),
        fields=tuple(_field_from_json(as_map(field)) for field in as_list(value["field_changes"])),
        before=_map_or_none(terraform["before"]),
        after=after,
        remote_id=str(value["remote_id"]),
        pool_id=str(value["pool_id"]),
        revision=str(value["revision"]),
        requires=tuple(Address.parse(str(address)) for address in as_list(value["requires"])),
        previous_address=Address.parse(str(previous)) if previous else None,
        secrets=_texts(value["secrets"]),
        ownership=_ownership_from_json(value["ownership"]),
        unguarded=bool(value["unguarded"]),
    )


def _check_body(address: Address, after: JsonMap | None) -> None:
    """A create's body has the form of a manifest; raises ValueError (pydantic's) otherwise."""
    kind = by_word()[address.kind]
    metadata: JsonMap = {**as_map((after or {})["metadata"]), "name": address.name}
    if kind.container:
        metadata["pool"] = address.container
    document = {"apiVersion": API_VERSION, "kind": kind.name, "metadata": metadata, "spec": (after or {})["spec"]}
    kind.adapter.validate_python(document)


def _field_from_json(value: JsonMap) -> FieldChange:
    return FieldChange(
        parse_path(str(value["path"])),
        value["before"],
        value["after"],
        Effect(str(value["effect"])),
        sensitive=bool(value["sensitive"]),
        personal=bool(value["personal"]),
        weakens=bool(value["weakens"]),
        metadata=bool(value["metadata"]),
    )


def _ownership_from_json(value: JsonValue) -> Ownership | None:
    if value is None:
        return None
    found = as_map(value)
    return Ownership(
        _texts(found["fields"]),
        added=tuple(str(name) for name in as_list(found["added"])),
        dropped=tuple(str(name) for name in as_list(found["dropped"])),
        protect=bool(found["protect"]),
        adopted=bool(found["adopted"]),
        taken_from=str(found["taken_from"]),
        settles=str(found["settles"]),
    )


def _finding_from_json(value: JsonMap) -> Finding:
    return Finding(
        str(value["code"]),
        Severity(str(value["severity"])),
        str(value["reason"]),
        str(value["address"]),
        str(value["next_step"]),
        str(value["detail"]),
    )


def _right_from_json(value: JsonMap) -> Right:
    return Right(
        str(value["who"]),
        str(value["name"]),
        str(value["reason"]),
        Grant(str(value["grant"])),
        tuple(Address.parse(str(address)) for address in as_list(value["addresses"])),
        str(value["has"]),
        str(value["next_step"]),
    )


def _map_or_none(value: JsonValue) -> JsonMap | None:
    return value if isinstance(value, dict) else None


def _texts(value: JsonValue) -> dict[str, str]:
    return {key: str(inner) for key, inner in as_map(value).items()}


def _whole(value: JsonValue) -> int:
    if type(value) is not int:
        raise TypeError("not a whole number")
    return value


def _numbers(value: JsonValue) -> dict[str, int]:
    return {key: _whole(inner) for key, inner in as_map(value).items()}
