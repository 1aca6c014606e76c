"""Times and durations as texts: RFC 3339 in UTC, durations as `30d`, `1h30m`, `0s` (a day is 24 hours)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile(r"(?:(\d{1,9}(?:\.\d{1,9})?)(ms|d|h|m|s))")
_LONGEST = 290 * 365 * 86_400_000  # what an int64 of nanoseconds, the service's form, can hold


def parse_duration(text: str) -> int:
    """Milliseconds of `30d`, `1h0m0s`, `1.5h`; raises ValueError for anything else. `0` is accepted as `0s`."""
    if text == "0":
        return 0
    billionths, at = 0, 0  # of a millisecond: floats would make 1.001s finer than it is
    for match in _DURATION.finditer(text):
        if match.start() != at:
            break
        whole, _, fraction = match[1].partition(".")
        billionths += int(whole + fraction.ljust(9, "0")) * _UNITS[match[2]]
        at = match.end()
    if not text or at != len(text):
        raise ValueError("not a duration: expected numbers with units d, h, m, s or ms, for example 30d or 1h30m")
    total, finer = divmod(billionths, 10**9)
    if total > _LONGEST:
        raise ValueError("a duration of more than 290 years")
    if finer:
        raise ValueError("a duration finer than a millisecond")
    return total


def format_duration(milliseconds: int) -> str:
    """The canonical text: largest whole units first, `0s` for nothing."""
    parts, rest = [], milliseconds
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def canonical_duration(text: str) -> str:
    """`720h0m0s` and `30d` both give `30d`."""
    return format_duration(parse_duration(text))


def go_duration(text: str) -> str:
    """The service's spelling: `30d` gives `720h0m0s`, `0s` stays."""
    total = parse_duration(text)
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, millis = divmod(rest, 1000)
    tail = f"{seconds}.{millis:03d}".rstrip("0").rstrip(".") if millis else str(seconds)
    if hours:
        return f"{hours}h{minutes}m{tail}s"
    return f"{minutes}m{tail}s" if minutes else f"{tail}s"


def canonical_time(text: str) -> str:
    """An RFC 3339 time in UTC without needless digits; raises ValueError when it is none or has no zone."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", text):
        raise ValueError("not a time: expected RFC 3339 with a zone, for example 2026-01-01T00:00:00Z")
    value = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper().replace(" ", "T")))
    return format_time(value)


def format_time(value: datetime) -> str:
    """UTC with a Z, microseconds only where there are any."""
    try:
        text = value.astimezone(UTC).isoformat()
    except OverflowError as error:
        raise ValueError("a time outside the years 1 to 9999") from error
    return text.replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """The moment of a canonical time."""
    return datetime.fromisoformat(text)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def after(text: str, duration: str) -> str:
    """A time plus a duration, as canonical texts."""
    return format_time(parse_time(text) + timedelta(milliseconds=parse_duration(duration)))
