"""Identifiers and addresses: their forms, and that each belongs to one user of a pool.

An identifier counts once per pool whatever its type, with or without its case as the pool says. An address may stand at
many users until one of them has verified it; its case never counts, since mailboxes ignore it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.errors import Conflict, Rejected
from ..core.values import JsonMap, JsonValue, as_list, as_map, canonical, parse_json
from ..resources.rules import address_problem, fold, identifier_problem
from ..resources.user import ADDRESS_TYPES, IDENTIFIER_TYPES
from .directory import Directory


def words_of(member: JsonValue, types: Sequence[str]) -> list[tuple[str, str]]:
    """The typed values in a member of `identifiers` or `addresses`."""
    return [(word, value) for word, value in as_map(member).items() if word in types and isinstance(value, str)]


def identifier_keys(spec: JsonMap, *, ignore_case: bool) -> list[str]:
    """The folded forms of a user's identifiers, each once."""
    found: dict[str, None] = {}
    for member in as_list(spec.get("identifiers")):
        for _, value in words_of(member, IDENTIFIER_TYPES):
            found[fold(value, ignore_case=ignore_case)] = None
    return list(found)


def verified_keys(spec: JsonMap) -> list[str]:
    """The folded forms of a user's verified addresses, each once."""
    found: dict[str, None] = {}
    for member in as_list(spec.get("addresses")):
        if as_map(member).get("verified") is True:
            for _, value in words_of(member, ADDRESS_TYPES):
                found[fold(value, ignore_case=True)] = None
    return list(found)


def check_forms(spec: JsonMap, known: JsonMap | None = None) -> None:
    """Raises Rejected for a member that is not well formed; members that `known` holds already are not judged again."""
    for field, types, problem_of in _FORMS:
        old = as_list(known.get(field)) if known else []
        for index, member in enumerate(as_list(spec.get(field))):
            if old and member in old:
                continue
            words = words_of(member, types)
            if len(words) != 1:
                raise Rejected(f"{field}[{index}] needs exactly one of {', '.join(types)}")
            problem = problem_of(*words[0])
            if problem is not None:
                raise Rejected(f"{field}[{index}]: {problem.summary}: {problem.detail}", hint=problem.hint)


def check_free(directory: Directory, pool_id: str, user_id: str, keys: Iterable[str], verified: Iterable[str]) -> None:
    """Raises Conflict when another user of the pool has one of these."""
    for table, wanted, what in (
        ("user_identifiers", keys, "identifier"),
        ("verified_addresses", verified, "verified address"),
    ):
        taken = directory.db.value(
            f"SELECT count(*) FROM {table} WHERE pool_id = ? AND user_id <> ? AND key IN (SELECT value FROM json_each(?))",
            *(pool_id, user_id, canonical(list(wanted)).decode()),
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
        for key in identifier_keys(spec, ignore_case=ignore_case):
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


_FORMS = (
    ("identifiers", IDENTIFIER_TYPES, identifier_problem),
    ("addresses", ADDRESS_TYPES, address_problem),
)
