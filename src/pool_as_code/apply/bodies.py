"""Bodies of a batch, made when they are asked for: a store that writes some while it asks for the next loses no time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from ..plan.model import Change
from ..stores.base import Body


class Bodies(Sequence[Body]):
    """The bodies of these changes, in order. Each is made once."""

    def __init__(self, make: Callable[[Change], Body], changes: Sequence[Change]) -> None:
        self._make = make
        self._changes = changes
        self._made: dict[int, Body] = {}

    def __len__(self) -> int:
        return len(self._changes)

    def __iter__(self) -> Iterator[Body]:
        for index, change in enumerate(self._changes):
            yield self._made.get(index) or self._make_one(index, change)

    @overload
    def __getitem__(self, index: int) -> Body: ...

    @overload
    def __getitem__(self, index: slice) -> list[Body]: ...

    def __getitem__(self, index: int | slice) -> Body | list[Body]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self._changes)))]
        number = range(len(self._changes))[index]
        return self._made.get(number) or self._make_one(number, self._changes[number])

    def _make_one(self, number: int, change: Change) -> Body:
        made = self._made[number] = self._make(change)
        return made
