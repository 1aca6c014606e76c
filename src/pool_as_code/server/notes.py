"""What a server keeps beside the records: small documents by name, which no rule of the directory is about (how a link was named, who
manages a pool, what a tenant calls itself)."""

from __future__ import annotations

from ..core.values import JsonMap, JsonValue, as_map, canonical, parse_json
from ..directory.directory import Directory


def note(directory: Directory, name: str) -> JsonValue:
    """What is kept under a name; None for nothing."""
    found = directory.db.value("SELECT value FROM meta WHERE name = ?", name)
    return parse_json(found) if found else None


def note_map(directory: Directory, name: str) -> JsonMap:
    """The same as a map, empty for nothing."""
    return as_map(note(directory, name))


def keep_note(directory: Directory, name: str, value: JsonValue) -> None:
    """Keep this under a name, in the place of what was there."""
    directory.db.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        *(name, canonical(value).decode()),
    )


def notes_below(directory: Directory, prefix: str) -> list[tuple[str, JsonValue]]:
    """All whose names begin so (letters, digits and slashes), in order."""
    rows = directory.db.rows("SELECT name, value FROM meta WHERE name LIKE ? ORDER BY name", f"{prefix}%")
    return [(str(name), parse_json(value)) for name, value in rows]


def names_between(directory: Directory, prefix: str, suffix: str) -> list[str]:
    """The names that begin and end so, to the letter."""
    likely = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in suffix)
    rows = directory.db.rows("SELECT name FROM meta WHERE name LIKE ? ESCAPE '\\'", f"{prefix}%{likely}")
    return [str(name) for (name,) in rows if str(name).startswith(prefix) and str(name).endswith(suffix)]


def drop_note(directory: Directory, name: str) -> None:
    """Forget it."""
    directory.db.execute("DELETE FROM meta WHERE name = ?", name)
