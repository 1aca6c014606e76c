"""Pages of a list: at most 100 members, from a cursor on that is the id of a member, exclusive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from .call import Call
from .problems import Problem

DEFAULT, LARGEST = 20, 100
_Member = TypeVar("_Member")


def limit_of(call: Call) -> int:
    """How many members are wanted: 20, or 1 to 100; more than that gives 100. Raises Problem 400."""
    text = call.query.get("limit") or str(DEFAULT)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise Problem(400, f"limit is a number from 1 to {LARGEST}")
    return min(int(text), LARGEST)


def page(
    call: Call, members: Sequence[_Member], id_of: Callable[[_Member], str], after: str, before: str
) -> list[_Member]:
    """The page of a whole list in its order. A cursor that names no member ends the list where ids would have stood."""
    limit = limit_of(call)
    ids = [id_of(member) for member in members]
    start, end = 0, len(members)
    if after and after in ids:
        start = ids.index(after) + 1
    elif after:
        start = next((index for index, id in enumerate(ids) if id > after), end)
    if before:
        end = ids.index(before) if before in ids else next((i for i, id in enumerate(ids) if id >= before), end)
        start = max(start, end - limit)
    return list(members[start : min(end, start + limit)])
