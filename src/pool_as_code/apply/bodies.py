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
        return map(self._one, range(len(self._changes)))

    @overload
    def __getitem__(self, index: int) -> Body: ...

    @overload
    def __getitem__(self, index: slice) -> list[Body]: ...

    def __getitem__(self, index: int | slice) -> Body | list[Body]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self._changes)))]
        return self._one(range(len(self._changes))[index])

    def _one(self, number: int) -> Body:
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = self._make(self._changes[number])
        return made
