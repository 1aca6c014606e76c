"""The one type of plain values that manifests, live state and plans are made of, and its canonical bytes and digests."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b, sha256
from typing import TypeAlias

import orjson

JsonValue: TypeAlias = "None | bool | int | float | str | list[JsonValue] | dict[str, JsonValue]"
JsonMap: TypeAlias = "dict[str, JsonValue]"
ReadOnlyMap: TypeAlias = "Mapping[str, JsonValue]"

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1


def canonical(value: object) -> bytes:
    """Canonical JSON: UTF-8, keys sorted by code point, no white space. Equal values give equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: object) -> str:
    """16 hex characters over the canonical bytes: tells two values apart, is no security boundary."""
    return blake2b(canonical(value), digest_size=8).hexdigest()


def digest_bytes(data: bytes) -> str:
    """32 hex characters over bytes, for whole objects."""
    return blake2b(data, digest_size=16).hexdigest()


def sha256_hex(value: object) -> str:
    """SHA-256 over the canonical bytes, for what people compare and approve (plan digests)."""
    return sha256(canonical(value)).hexdigest()


def parse_json(data: bytes | str) -> JsonValue:
    """The value of a JSON text; raises ValueError when it is none."""
    value: JsonValue = orjson.loads(data)
    return value


def as_map(value: object) -> JsonMap:
    """`value` when it is a map, else an empty one: for reading optional sections."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[JsonValue]:
    """`value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_texts(value: object) -> list[str]:
    """The members of a list as texts; empty for anything that is no list."""
    return [str(item) for item in value] if isinstance(value, list) else []
