"""When two changes are the same: to a reader, so that they are shown once, and in truth, so that one environment's plan can be
told from another's. Cheap, since every change of a plan is asked; rows are made later and for a few."""

from __future__ import annotations

from ..core.fieldpath import format_path
from ..plan.model import Action, Change, FieldChange
from .masking import masked_path
from .words import words_of


def look_of(change: Change, show_values: bool) -> str:
    """Equal for changes that read the same, whatever their addresses. Not for new objects, which are shown one by one."""
    return repr((words_of(change, show_values), [_look(field, show_values) for field in change.fields]))


def _look(field: FieldChange, show_values: bool) -> tuple[object, ...]:
    hide = field.personal and not show_values
    name = masked_path(field.path) if hide else format_path(field.path)
    if hide or field.sensitive:
        return name, field.effect, field.weakens, field.sensitive, field.before is None, field.after is None
    return name, field.effect, field.weakens, field.before, field.after


def essence_of(change: Change) -> str:
    """Equal for changes that do the same to the same address: action, fields before and after, what a new object is made of.
    Not ids, reasons and records, which differ from store to store."""
    fields = [
        (format_path(f.path), f.effect.value, f.sensitive, _plain(f.before), _plain(f.after)) for f in change.fields
    ]
    owned = change.ownership if change.action is Action.OWN else None
    return repr(
        (
            change.action.value,
            str(change.previous_address),
            fields,
            _plain(change.after) if change.action is Action.CREATE else None,
            sorted(change.secrets.items()),
            (owned.added, owned.dropped) if owned is not None else None,
        )
    )


def _plain(value: object) -> object:
    """The value with the keys of its maps in order, so that equal values have one form."""
    if isinstance(value, dict):
        return [(key, _plain(inner)) for key, inner in sorted(value.items())]
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
