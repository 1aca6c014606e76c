"""Users as records: making, changing and deleting them, alone and in bulk. What they sign in with is in `credentials`.

A user's settings are one document. What a user starts with beside it (`starting.py`) is written when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import ParamSpec, TypeVar

from ..core.errors import Rejected, StoreError
from ..core.fieldpath import FieldPath, format_path
from ..core.values import JsonMap, JsonValue, as_map
from ..resources import user as kind
from ..resources.patch import apply_writes, document_shape
from . import identifiers, rows, starting
from .attributes import PoolRules, rules_of
from .database import ConstraintBroken
from .directory import Directory
from .rows import Row
from .starting import ONLY_AT_CREATION, NewUser, Start
from .tables import OF_A_USER
from .user_records import Record, insert_keys, record_of, replace_keys

Writes = Sequence[tuple[FieldPath, JsonValue]]
_Made = TypeVar("_Made")
_Given = ParamSpec("_Given")
_Checked = tuple[Record, Start | None]

Along = Callable[[int, Sequence[Row | StoreError]], None]
"""Called in the block that makes users, after their rows: the place of the first of them among all, and what became of each."""

_ALONE = 50
_STEP = 2000
"""So many are checked, and handed to the database, before the next: it may write them while those are checked."""


def create(directory: Directory, new: NewUser) -> Row:
    """A new user. Raises Conflict for a taken id, identifier or verified address, NotFound for a pool, group or schema
    that is not there, Rejected for attributes, credentials or an invitation that the pool refuses."""
    return _create(directory, rules_of(directory, new.pool_id), new)


def create_many(
    directory: Directory, new: Iterable[NewUser], along: Along = lambda first, made: None
) -> list[Row | StoreError]:
    """Many users, in batches: the row of each, or why it was refused. Those that can be made are made. `new` is asked for more
    while the database writes those before; `along` writes what goes with them, and an error of it refuses them."""
    batches = _Batches(directory, along)
    made: list[Row | StoreError] = []
    turns = iter(new)
    with directory.change() as moment:
        while first := list(islice(turns, min(_STEP, directory.db.batch))):
            made += batches.create(len(made), first, moment, islice(turns, directory.db.batch - len(first)))
    return made


def update(directory: Directory, id: str, pool_id: str, writes: Writes, *, revision: str = "") -> Row:
    """Write fields. Only attribute maps that are written, or whose schema is, must fit."""
    for path, _ in writes:
        if path[0] != "spec" or (len(path) > 1 and path[1] in ONLY_AT_CREATION):
            raise Rejected(
                f"{format_path(path[1:] or path)} of a user can not be written", hint="it is set at creation"
            )
    with directory.change():
        row = rows.require(directory.db, "user", id, pool_id=pool_id, revision=revision)
        body = apply_writes(document_shape(kind.KIND), row.body, writes)
        return replace_spec(directory, row, as_map(body.get("spec")))


def replace_spec(directory: Directory, row: Row, spec: JsonMap) -> Row:
    """All settings of a user anew, under the same rules."""
    with directory.change() as moment:
        rules = rules_of(directory, row.pool_id)
        before = row.spec
        spec = {"status": "new", "userType": "standard", **spec}
        if spec["userType"] != before.get("userType"):
            raise Rejected("userType can not change")
        after = record_of(rules, row.id, spec, before)
        identifiers.check_free(directory, row.pool_id, row.id, after.names)
        saved = rows.save(directory.db, row, after.text, moment)
        if saved is not row:
            replace_keys(directory.db, record_of(rules, row.id, before, before), after)
        return saved


def delete(directory: Directory, id: str, pool_id: str, *, revision: str = "") -> None:
    """Delete a user for good, with everything that hangs on it."""
    with directory.change():
        row = rows.require(directory.db, "user", id, pool_id=pool_id, revision=revision)
        spec = row.spec
        record = record_of(rules_of(directory, row.pool_id), id, spec, spec)
        replace_keys(directory.db, record, Record(id, row.pool_id, "", identifiers.Names([], []), [], []))
        for table in OF_A_USER:
            directory.db.execute(f"DELETE FROM {table} WHERE user_id = ?", id)
        rows.remove(directory.db, row)


def find(directory: Directory, pool_id: str, *, id: str = "", identifier: str = "", address: str = "") -> Row | None:
    """A user of a pool by id, by identifier, or by verified address. Raises NotFound for a pool that is not there."""
    pool = rows.require(directory.db, "pool", pool_id)
    found: str | None = id
    if identifier:
        folded = identifiers.ignores_case(pool.spec)
        found = identifiers.holder_of(directory, pool_id, identifier, ignore_case=folded)
    elif address:
        found = identifiers.holder_of_address(directory, pool_id, address)
    row = rows.find(directory.db, "user", found) if found else None
    return row if row is not None and row.pool_id == pool_id else None


def _create(directory: Directory, rules: PoolRules, new: NewUser) -> Row:
    with directory.change() as moment:
        rows.check_new_id(directory.db, "user", new.id)
        record, start = _checked(rules, new)
        identifiers.check_free(directory, new.pool_id, new.id, record.names)
        _insert(directory, [(record, start)], moment)
        return Row("user", new.id, new.pool_id, record.text, 1)


class _Batches:
    """Many users of several pools, whose rules are read when the first of them comes."""

    def __init__(self, directory: Directory, along: Along) -> None:
        self._directory = directory
        self._along = along
        self._rules: dict[str, PoolRules | StoreError] = {}

    def create(self, at: int, new: list[NewUser], moment: str, more: Iterable[NewUser] = ()) -> list[Row | StoreError]:
        """Halves of a batch in which somebody's id or identifier is taken are tried again, until only those who are in the way
        of others, or others in theirs, are left alone. `at` is the place of the first among all, `more` of the batch are asked
        for when those before are with the database."""
        found: list[Row | StoreError] = []
        try:
            with self._directory.db.atomic():
                while len(found) < len(new):
                    found += self._some(at + len(found), new[len(found) : len(found) + _STEP], moment)
                    if len(found) == len(new):
                        new += islice(more, _STEP)
            return found
        except ConstraintBroken:
            new += more
            if len(new) > _ALONE:
                half = len(new) // 2
                return self.create(at, new[:half], moment) + self.create(at + half, new[half:], moment)
        return [self._alone(place, user) for place, user in enumerate(new, at)]

    def _some(self, at: int, new: Sequence[NewUser], moment: str) -> list[Row | StoreError]:
        found: list[Row | StoreError] = []
        checked: list[_Checked] = []
        for user in new:
            pool = self._rules_of(user.pool_id)
            if isinstance(pool, StoreError):
                found.append(pool)
                continue
            try:
                one = _checked(pool, user)
            except ConstraintBroken:  # that of users before, who were written meanwhile
                raise
            except StoreError as error:
                found.append(error)
            else:
                found.append(Row("user", user.id, user.pool_id, one[0].text, 1))
                checked.append(one)
        _insert(self._directory, checked, moment)
        self._along(at, found)
        return found

    def _alone(self, place: int, user: NewUser) -> Row | StoreError:
        rules = self._rules_of(user.pool_id)
        return rules if isinstance(rules, StoreError) else _attempt(self._one, rules, place, user)

    def _one(self, rules: PoolRules, place: int, user: NewUser) -> Row:
        with self._directory.change():
            made = _create(self._directory, rules, user)
            self._along(place, [made])
            return made

    def _rules_of(self, pool_id: str) -> PoolRules | StoreError:
        found = self._rules.get(pool_id)
        if found is None:
            found = _attempt(rules_of, self._directory, pool_id, many=True)
            if isinstance(found, ConstraintBroken):  # that of users before, who were written meanwhile
                raise found
            self._rules[pool_id] = found
        return found


def _checked(rules: PoolRules, new: NewUser) -> _Checked:
    rows.check_id("user", new.id)
    spec = dict(new.spec)
    if not ONLY_AT_CREATION.isdisjoint(spec) or None in spec.values():
        spec = {key: value for key, value in spec.items() if value is not None and key not in ONLY_AT_CREATION}
    spec.setdefault("status", "new")
    spec.setdefault("userType", "standard")
    return record_of(rules, new.id, spec), starting.start_of(rules, new, spec)


def _insert(directory: Directory, checked: Sequence[_Checked], moment: str) -> None:
    directory.db.execute_many(
        "INSERT INTO users (id, pool_id, document, revision, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
        [(record.id, record.pool_id, record.text, 1, moment, moment) for record, _ in checked],
    )
    insert_keys(directory.db, [record for record, _ in checked])
    starting.insert(directory, [start for _, start in checked if start is not None], moment)


def _attempt(make: Callable[_Given, _Made], *given: _Given.args, **named: _Given.kwargs) -> _Made | StoreError:
    try:
        return make(*given, **named)
    except StoreError as error:
        return error
