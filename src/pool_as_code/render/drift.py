"""Drift as text: managed fields whose live value differs from the declared one, who moved, and owned objects that are gone. The
values are those of `app.drifting`, known here by their form only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ..core.address import Address
from ..core.fieldpath import parse_path
from ..core.values import JsonValue
from .escape import escape
from .layout import WIDTH, columns, flow, shortened_pair, wrap
from .masking import masked_path
from .palette import PLAIN, Palette
from .parts import PERSONAL, SECRET
from .words import few

FOLD_BEYOND = 200

_DIRECTIONS: dict[str, str] = {
    "live-changed": "changed live",
    "manifest-changed": "changed in the manifest, not applied yet",
    "both-changed": "changed live and in the manifest",
    "unknown": "never applied by us, so nobody knows who changed it",
}


class DriftEntry(Protocol):
    """One field that differs. `initial`: people own it, an apply leaves it alone."""

    @property
    def address(self) -> Address: ...
    @property
    def field(self) -> str: ...
    @property
    def declared(self) -> JsonValue: ...
    @property
    def live(self) -> JsonValue: ...
    @property
    def direction(self) -> str: ...
    @property
    def initial(self) -> bool: ...
    @property
    def sensitive(self) -> bool: ...
    @property
    def personal(self) -> bool: ...


class Drift(Protocol):
    """All that differs."""

    @property
    def entries(self) -> Sequence[DriftEntry]: ...
    @property
    def gone(self) -> Sequence[Address]: ...


def drift_text(drift: Drift, *, palette: Palette = PLAIN, show_values: bool = False, full: bool = False) -> str:
    """The drift, equal differences of several objects once; one sentence when there is none."""
    if not drift.entries and not drift.gone:
        return "No drift: every managed field is live as declared.\n"
    lines = [
        palette.paint("remove", f"  - {escape(str(address))}  is gone: somebody else deleted it")
        for address in drift.gone
    ]
    alike: dict[tuple[str, ...], list[Address]] = {}
    for address, rows in _by_address(drift, show_values).items():
        alike.setdefault(tuple(rows), []).append(address)
    shown = list(alike.items())[: None if full else FOLD_BEYOND]
    for found_rows, addresses in shown:
        names = few([str(address) for address in addresses])
        lines += [palette.paint("change", line) for line in wrap(escape(names), "  ~ ", hanging="      ")]
        lines += found_rows
    left = sum(len(addresses) for addresses in alike.values()) - sum(len(addresses) for _, addresses in shown)
    if left:
        lines.append(f"  ~ ... and {left:,} more objects (--output json lists all)")
    fields = len(drift.entries)
    summary = f"{fields:,} field{'' if fields == 1 else 's'} differ{'s' if fields == 1 else ''}"
    lines += ["", summary + (f", {len(drift.gone):,} gone" if drift.gone else "")]
    return "\n".join(lines) + "\n"


def _by_address(drift: Drift, show_values: bool) -> dict[Address, list[str]]:
    found: dict[Address, list[str]] = {}
    for entry in drift.entries:
        found.setdefault(entry.address, []).extend(_rows(entry, show_values))
    return found


def _rows(entry: DriftEntry, show_values: bool) -> Iterator[str]:
    indent = " " * 6
    hidden = entry.sensitive or (entry.personal and not show_values)
    name = _name(entry.field) if entry.personal and not show_values else entry.field
    if hidden:
        words = SECRET if entry.sensitive else PERSONAL
        line = f"{indent}{escape(name)}: {words}, another value"
        yield from [line] if columns(line) <= WIDTH else wrap(line.lstrip(), indent, hanging=indent + "  ")
    else:
        declared, live = shortened_pair(_shown(entry.declared), _shown(entry.live))
        line = f"{indent}{escape(name)}: declared {declared}, live {live}"
        if columns(line) <= WIDTH:
            yield line
        else:
            yield f"{indent}{escape(name)}:"
            yield from wrap(f"declared {declared}", indent + "  ", hanging=indent + "    ")
            yield from wrap(f"live {live}", indent + "  ", hanging=indent + "    ")
    why = _DIRECTIONS.get(entry.direction, entry.direction)
    owner = "; people own it, an apply leaves it alone" if entry.initial else ""
    yield from wrap(f"{escape(why)}{owner}", indent + "  ")


def _shown(value: JsonValue) -> str:
    return "(not set)" if value is None else flow(value)


def _name(field: str) -> str:
    try:
        return masked_path(parse_path(field))
    except ValueError:
        return str(PERSONAL)
