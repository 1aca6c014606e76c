"""Lists of users: a page of a pool, or the one user that a filter names."""

from __future__ import annotations

from ...core.values import JsonValue, as_list, as_map
from ...directory import identifiers
from ...resources.rules import fold
from ..call import Answer, Call
from ..paging import LARGEST
from ..stored import Stored, columns, find, require, stored
from . import addresses, names
from .answers import list_of
from .filters import Search, parse_filter
from .selection import selected
from .told import Shapes, told
from .words import ADDRESSES, refused

_PAGE = 10


def list_users(call: Call) -> Answer:
    """A page of a pool's users in the order of their ids, or the one that the filter names. They are not sorted otherwise."""
    pool = require(call.directory, "pool", call.params["ipID"])
    start = max(_number(call, "startIndex", 1), 1)
    count = min(max(_number(call, "count", _PAGE), 0), LARGEST)
    if call.query.get("filter"):
        found = _found(call, pool, parse_filter(call.query["filter"]))
        total, page = len(found), found[start - 1 : start - 1 + count]
    else:
        total = int(call.directory.db.value("SELECT count(*) FROM users WHERE pool_id = ?", pool.id) or 0)
        page = _page(call, pool, start, count) if count and start <= total else []
    known: Shapes = {}
    resources: list[JsonValue] = [selected(told(call, pool, user, known), call.query) for user in page]
    return Answer(200, list_of(resources, total, start))


def _page(call: Call, pool: Stored, start: int, count: int) -> list[Stored]:
    rows = call.directory.db.rows(
        f"SELECT {columns('user')} FROM users t WHERE t.pool_id = ? ORDER BY t.id LIMIT ? OFFSET ?",
        *(pool.id, count, start - 1),
    )
    return [stored("user", row) for row in rows]


def _found(call: Call, pool: Stored, wanted: Search) -> list[Stored]:
    """The user who has exactly this, as it is shown: whoever has the name as a further identifier is not meant."""
    folded = identifiers.ignores_case(pool.row.spec)
    if wanted.field == "id":
        id: str | None = wanted.value
    elif "." in wanted.field:
        word = ADDRESSES[wanted.field.partition(".")[0]]
        id = identifiers.holder_of_address(call.directory, pool.id, addresses.plain(word, wanted.value))
    else:
        id = identifiers.holder_of(call.directory, pool.id, wanted.value, ignore_case=folded)
    user = find(call.directory, "user", id, pool.id) if id else None
    return [user] if user is not None and _is_so(user, wanted, ignore_case=folded) else []


def _is_so(user: Stored, wanted: Search, *, ignore_case: bool) -> bool:
    if wanted.field == "id":
        return True
    attribute, _, part = wanted.field.partition(".")
    if part:
        shown = [as_map(one) for one in as_list(addresses.shown(user.row.spec).get(attribute))]
        value = fold(addresses.plain(ADDRESSES[attribute], wanted.value), ignore_case=True)
        return any(one["verified"] is True and fold(str(one["value"]), ignore_case=True) == value for one in shown)
    there = str(names.shown(user.row.spec).get(attribute, ""))
    return fold(there, ignore_case=ignore_case) == fold(wanted.value, ignore_case=ignore_case)


def _number(call: Call, name: str, usual: int) -> int:
    """A number of the query, no larger than a database counts. Raises Problem 400."""
    text = call.query.get(name) or str(usual)
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        raise refused("invalidValue", f"{name} is a number")
    return int(text) if len(digits) < 16 else (-1 if text.startswith("-") else 10**15)
