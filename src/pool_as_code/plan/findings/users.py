"""Findings about people: suspended users who would come back, identifiers of others, fields that people changed."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.diagnostics import Severity
from ...core.values import as_list, as_map
from ...resources.rules import fold
from ..model import Action, Change, Finding
from .context import Judged, finding


def reactivated(judged: Judged) -> Iterator[Finding]:
    """A live `inactive` or `deleted` user is not brought back without being asked."""
    for change in judged.changes:
        if change.address.kind != "user":
            continue
        for field in change.fields:
            if (
                field.path == ("status",)
                and field.before in ("inactive", "deleted")
                and field.after in ("active", "new")
            ):
                yield finding(
                    "reactivates-user",
                    Severity.BLOCK,
                    f"the user is {field.before} in the directory and would be {field.after}",
                    change.address,
                    next_step=f"declare status: inactive, or --allow reactivates-user@{change.address}",
                )
            elif field.path == ("status",) and field.before == "deleted" and field.after == "inactive":
                yield finding(
                    "reactivates-user",
                    Severity.BLOCK,
                    "the user is deleted in the directory and would be inactive",
                    change.address,
                    next_step=f"declare status: deleted, or --allow reactivates-user@{change.address}",
                )


def identifiers_taken(judged: Judged) -> Iterator[Finding]:
    """An identifier to be added that another live user, who keeps it, already holds."""
    holders = _holders(judged)
    if not holders:
        return
    for change in judged.changes:
        if change.address.kind != "user" or change.action in (Action.DELETE, Action.RELEASE):
            continue
        ignore_case = judged.world.ignores_case(change.address.container)
        for value in added_identifiers(change):
            other = holders.get((change.pool_id, fold(value, ignore_case=ignore_case)))
            if other is not None and other != change.remote_id:
                yield finding(
                    "identifier-taken",
                    Severity.BLOCK,
                    f"one of its identifiers belongs to the live user {other}",
                    change.address,
                    next_step="remove it there first, or leave it out here",
                )
                break


def _holders(judged: Judged) -> dict[tuple[str, str], str]:
    """(pool id, folded identifier) -> live user that keeps it."""
    world = judged.world
    if not any(True for c in judged.changes if c.address.kind == "user" for _ in added_identifiers(c)):
        return {}
    pools = {id: address.path for address, id in world.matches.ids.items() if address.kind == "pool"}
    freed = _freed(judged)
    found: dict[tuple[str, str], str] = {}
    for user in world.observed.get("user", ()):
        ignore_case = world.ignores_case(pools.get(user.pool_id, ""))
        for member in as_list(user.spec.get("identifiers")):
            value = fold(_value(member), ignore_case=ignore_case)
            if (user.id, value) not in freed:
                found[(user.pool_id, value)] = user.id
    return found


def _freed(judged: Judged) -> set[tuple[str, str]]:
    freed: set[tuple[str, str]] = set()
    live = {user.id: user for user in judged.world.observed.get("user", ())}
    for change in judged.changes:
        if change.address.kind != "user":
            continue
        ignore_case = judged.world.ignores_case(change.address.container)
        if change.action is Action.DELETE and change.remote_id in live:
            user = live[change.remote_id]
            for member in as_list(user.spec.get("identifiers")):
                freed.add((user.id, fold(_value(member), ignore_case=ignore_case)))
        for field in change.fields:
            if field.path[0] == "identifiers" and field.after is None:
                freed.add((change.remote_id, fold(_value(field.before), ignore_case=ignore_case)))
    return freed


def added_identifiers(change: Change) -> Iterator[str]:
    """The values of the identifiers that a change gives a user."""
    if change.action is Action.CREATE and change.after is not None:
        yield from (_value(member) for member in as_list(as_map(change.after["spec"]).get("identifiers")))
    for field in change.fields:
        if field.path[0] == "identifiers" and field.before is None:
            yield _value(field.after)


def _value(member: object) -> str:
    return next((str(value) for key, value in as_map(member).items() if key != "metadata"), "")


def passwords_set_once(judged: Judged) -> Iterator[Finding]:
    """A changed secret reference is said, never written."""
    for address, names in sorted(judged.noted.secrets.items()):
        yield finding(
            "password-set-once",
            Severity.INFO,
            f"{', '.join(names)} changed in the manifest; it is set at creation only",
            address,
            next_step="have the user reset it",
        )


def changed_by_people(judged: Judged) -> Iterator[Finding]:
    """Fields that people own and that differ from what they were given."""
    for address, names in sorted(judged.noted.reported.items()):
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        yield finding("changed-by-user", Severity.INFO, f"people own {shown}, which differ; left alone", address)
