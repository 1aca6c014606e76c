"""What a store knows beforehand about carrying a plan out: the rights that it takes, and whether ownership records have room. Asked
when the changes are known, by planning, and again before a saved plan is applied: another client may apply it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ..core.address import Address
from ..core.diagnostics import Severity
from ..core.values import as_map
from ..plan.findings import with_more
from ..plan.findings.foreseen import missing_rights, ownership_full
from ..plan.model import MISSING_RIGHT, Action, Change, Finding, Plan
from ..resources.live import Owner, OwnerRecord
from ..resources.references import ID_REF
from ..stores.base import Foreseeing, Intent, Store

_VERBS = {Action.CREATE: "create", Action.DELETE: "delete"}
_TOKEN = "0123456789abcdef" * 2  # of the length of a settled token, which is known when the object is written


def foreseen(plan: Plan, store: Store, owner: Owner, allowed: Collection[str]) -> Plan:
    """The plan with the rights that it needs, and with findings where one is missing or records have no room. `allowed` are
    findings that the caller lifts."""
    if not isinstance(store, Foreseeing) or plan.empty:
        return plan
    ids = _ids(plan)
    rights = store.rights([_intent(change, ids) for change in plan.changes])
    addresses = {(address.kind, id): str(address) for address, id in ids.items()}
    invited = {(c.pool_id, c.remote_id) for c in plan.changes if c.action is Action.CREATE and _is_invited(c)}
    full = store.overfull(owner, list(_steps(plan, owner)), invited)
    found: list[Finding] = list(missing_rights(rights))
    found += [
        ownership_full(addresses.get((one.kind, one.id), f"{one.kind}/{one.id}"), one.records, one.size, one.largest)
        for one in full
    ]
    return with_more(plan, found, rights, allowed)


def foreseen_again(plan: Plan, store: Store, owner: Owner, allowed: Collection[str]) -> Plan:
    """The same for a saved plan: what was found then about rights was about another client. What was allowed then stays so."""
    of_rights = [finding for finding in plan.findings if finding.code == MISSING_RIGHT]
    lifted = {f"{MISSING_RIGHT}@{f.address}" for f in of_rights if f.severity is not Severity.BLOCK}
    bare = replace(plan, findings=tuple(f for f in plan.findings if f.code not in (MISSING_RIGHT, "ownership-full")))
    return foreseen(bare, store, owner, {*allowed, *lifted})


def _ids(plan: Plan) -> dict[Address, str]:
    found = {Address.parse(text): id for text, id in plan.references.items()}
    found.update({change.address: change.remote_id for change in plan.changes if change.remote_id})
    return found


def _intent(change: Change, ids: dict[Address, str]) -> Intent:
    verb = _VERBS.get(change.action) or ("update" if change.fields else "own")
    fields = {str(field.path[0]) for field in change.fields}
    home = ""
    if change.action is Action.CREATE:
        after = change.after or {}
        fields |= as_map(after.get("spec")).keys() | change.secrets.keys()
        home = _home(as_map(after.get("metadata")).items(), ids)
    return Intent(change.address, verb, change.remote_id, frozenset(fields), home)


def _home(metadata: Iterable[tuple[str, object]], ids: dict[Address, str]) -> str:
    for word, name in metadata:
        if word in ("workspace", "organization"):
            text = str(name)
            return text.removeprefix(ID_REF) if text.startswith(ID_REF) else ids.get(Address(word, text), text)
    return ""


def _steps(plan: Plan, owner: Owner) -> Iterator[OwnerRecord | Address]:
    """What happens to ownership records, in the order in which it does."""
    for change in plan.changes:
        if change.previous_address is not None:
            yield change.previous_address
        if change.action in (Action.DELETE, Action.RELEASE) or change.ownership is None:
            yield change.address
            continue
        wanted = change.ownership
        yield OwnerRecord(
            owner,
            change.address,
            change.remote_id,
            protect=wanted.protect,
            adopted=wanted.adopted,
            settled=_settled(change) if wanted.settles else "",
            fields=wanted.fields,
            pool_id=change.pool_id,
        )


def _settled(change: Change) -> str:
    """As long, and as hard to pack, as the token that will stand there."""
    wanted = change.ownership.settles if change.ownership is not None else ""
    return (wanted[::-1] + _TOKEN)[: len(_TOKEN)]


def _is_invited(change: Change) -> bool:
    return as_map(as_map((change.after or {}).get("spec")).get("invitation")).get("send") == "onCreate"
