"""Identifiers and addresses: their forms, and that each belongs to one user of a pool.

An identifier counts once per pool whatever its type, with or without its case as the pool says. An address may stand at
many users until one of them has verified it; its case never counts, since mailboxes ignore it.
"""

from __future__ import annotations

from typing import NamedTuple

from ..core.errors import Conflict, Rejected
from ..core.values import JsonMap, JsonValue, as_list, as_map, parse_json
from ..resources.rules import address_problem, fold, has_form, identifier_problem
from ..resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from .directory import Directory

_TYPES = {"identifiers": frozenset(IDENTIFIER_TYPES), "addresses": frozenset(ADDRESS_TYPES)}


def ignores_case(pool_spec: JsonMap) -> bool:
    """Whether upper and lower case of an identifier are the same in a pool with these settings."""
    return as_map(pool_spec.get("signIn")).get("identifiersIgnoreCase") is True


class Names(NamedTuple):
    """The keys of one user's identifiers and of its verified addresses, each once, folded as they are compared."""

    identifiers: list[str]
    verified: list[str]


def typed(member: JsonValue, types: frozenset[str]) -> tuple[str, str] | None:
    """The one typed value in a member of `identifiers` or `addresses`; None when there are several or none."""
    found: tuple[str, str] | None = None
    if isinstance(member, dict):
        if len(member) == 1:
            ((word, value),) = member.items()
            return (word, value) if word in types and isinstance(value, str) else None
        for word, value in member.items():
            if word in types and isinstance(value, str):
                if found is not None:
                    return None
                found = (word, value)
    return found


def names_of(spec: JsonMap, *, ignore_case: bool, known: JsonMap | None = None) -> Names:
    """The keys of a user. Raises Rejected for a member that is not well formed; members that `known` holds already are not
    judged again."""
    keys: dict[str, None] = {}
    verified: dict[str, None] = {}
    for index, member in enumerate(as_list(spec.get("identifiers"))):
        value, _ = _well_formed("identifiers", index, member, known)
        keys[fold(value, ignore_case=ignore_case)] = None
    for index, member in enumerate(as_list(spec.get("addresses"))):
        value, one = _well_formed("addresses", index, member, known)
        if one.get("verified") is True:
            verified[fold(value, ignore_case=True)] = None
    return Names(list(keys), list(verified))


def _well_formed(field: str, index: int, member: JsonValue, known: JsonMap | None) -> tuple[str, JsonMap]:
    """The value of a member, and the member."""
    types = _TYPES[field]
    found = typed(member, types)
    if found is None or not isinstance(member, dict):
        raise Rejected(f"{field}[{index}] needs exactly one of {', '.join(sorted(types))}")
    if not has_form(*found) and (known is None or member not in as_list(known.get(field))):
        problem = identifier_problem(*found) if field == "identifiers" else address_problem(*found)
        if problem is not None:
            raise Rejected(f"{field}[{index}]: {problem.summary}: {problem.detail}", hint=problem.hint)
    return found[1], member


def check_free(directory: Directory, pool_id: str, user_id: str, names: Names) -> None:
    """Raises Conflict when another user of the pool has one of these."""
    dialect = directory.db.dialect
    for table, wanted, what in (
        ("user_identifiers", names.identifiers, "identifier"),
        ("verified_addresses", names.verified, "verified address"),
    ):
        if not wanted:
            continue
        taken = directory.db.value(
            f"SELECT count(*) FROM {table} WHERE pool_id = ? AND user_id <> ? AND key IN {dialect.among}",
            *(pool_id, user_id, dialect.texts(wanted)),
        )
        if taken:
            raise Conflict(
                f"{taken} {what}{'' if taken == 1 else 's'} of the user belong{'s' if taken == 1 else ''} to another user"
                f" of pool {pool_id!r}",
                hint="each may belong to one user of a pool; remove it here or there",
            )


def holder_of(directory: Directory, pool_id: str, value: str, *, ignore_case: bool) -> str | None:
    """The id of the user with this identifier, or None."""
    found = directory.db.value(
        "SELECT user_id FROM user_identifiers WHERE pool_id = ? AND key = ?",
        *(pool_id, fold(value, ignore_case=ignore_case)),
    )
    return None if found is None else str(found)


def holder_of_address(directory: Directory, pool_id: str, value: str) -> str | None:
    """The id of the user who has verified this address, or None."""
    found = directory.db.value(
        "SELECT user_id FROM verified_addresses WHERE pool_id = ? AND key = ?",
        *(pool_id, fold(value, ignore_case=True)),
    )
    return None if found is None else str(found)


def refold_pool(directory: Directory, pool_id: str, *, ignore_case: bool) -> None:
    """Write the keys of a whole pool anew for the other case rule. Raises Rejected, with a count, when users collide."""
    made: dict[str, str] = {}
    colliding: set[str] = set()
    for user_id, document in directory.db.each("SELECT id, document FROM users WHERE pool_id = ?", pool_id):
        spec = as_map(as_map(parse_json(document)).get("spec"))
        for key in names_of(spec, ignore_case=ignore_case, known=spec).identifiers:
            if made.setdefault(key, user_id) != user_id:
                colliding.add(key)
    if colliding:
        raise Rejected(
            f"signIn.identifiersIgnoreCase: {len(colliding)} identifier{'' if len(colliding) == 1 else 's'} of pool"
            f" {pool_id!r} would belong to more than one user without upper and lower case",
            hint="remove the doubled identifiers first",
        )
    directory.db.execute("DELETE FROM user_identifiers WHERE pool_id = ?", pool_id)
    directory.db.execute_many(
        "INSERT INTO user_identifiers (pool_id, key, user_id) VALUES (?, ?, ?)",
        [(pool_id, key, user_id) for key, user_id in made.items()],
    )
