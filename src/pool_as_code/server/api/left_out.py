"""What a document held that a directory does not: told in a header of the answer and in the log, by name and number, never by
value. Programs send whole tenants; the rest of those is not lost without a word."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from ...core.values import JsonMap, JsonValue
from ..call import NO_CONTENT, Answer

LOG = logging.getLogger("pool_as_code.server")
HEADER = "x-pool-as-code-left-out"
OTHERS = "others"
"""Counted as these: names that are none of a table, which would otherwise stand in a header and a log as they came."""
MOST = 40
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(?:\.[a-z][a-z0-9_]{0,63})?\Z")


def told(left: Mapping[str, int], what: str) -> Answer:
    """204, and what was not kept. `what` names the operation for the log."""
    named: Counter[str] = Counter()
    for name, count in sorted(left.items()):
        if count:
            named[name if _NAME.match(name) and len(named) < MOST else OTHERS] += count
    if not named:
        return NO_CONTENT
    text = ", ".join(f"{name}={count}" for name, count in named.items())
    LOG.warning("%s left out what no directory holds: %s", what, text)
    return NO_CONTENT._replace(headers={HEADER: text})


def unknown(body: JsonMap, known: Iterable[str]) -> Counter[str]:
    """The tables of a dump beside the known ones, and how many rows each has."""
    names = set(known)
    return Counter({name: size_of(value) for name, value in body.items() if name not in names})


def size_of(value: JsonValue) -> int:
    """How many objects a part of a document holds: rows of a list, objects by id, or itself; none where it says nothing."""
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        by_id = bool(value) and all(isinstance(inner, dict) for inner in value.values())
        return len(value) if by_id else min(len(value), 1)
    return 0 if value in (None, "", False) else 1
