"""What a store can do, as a value: the planner reads it, so that no store is asked for what it can not express."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`kinds`: the kinds it holds. `transactional`: a whole apply is one transaction. `revisions`: kinds whose writes are
    guarded by the revision that was read. `unguarded`: names of fields whose writes are not, although the rest of their
    kind is, and of secrets with which a new object may overwrite one that came in between, per kind word.
    `unsupported`: field path text -> what the user loses, per kind word. A field that a live object shows all the same counts as
    supported. `preconditions`: kinds that have to be there already, kind
    word -> how they come about; they are neither made, changed nor owned. `ownerless`: kinds whose ownership records may have
    no place to be; an object nobody owns that is what a manifest says needs no consent then. `unread`: kinds that this store could
    not read, kind word -> why; what of them is there is taken as it is, and nothing of them is planned.
    `batch`: most objects in one bulk create. `read_only`: it never writes."""

    kinds: frozenset[str]
    transactional: bool = False
    revisions: frozenset[str] = frozenset()
    unguarded: dict[str, frozenset[str]] = field(default_factory=dict)
    unsupported: dict[str, dict[str, str]] = field(default_factory=dict)
    preconditions: dict[str, str] = field(default_factory=dict)
    ownerless: frozenset[str] = frozenset()
    unread: dict[str, str] = field(default_factory=dict)
    batch: int = 1
    max_parallel: int = 1
    read_only: bool = False

    def guards(self, word: str, fields: Iterable[str] = ()) -> bool:
        """Whether a write of these fields of a live object can not undo what somebody else has written since it was read."""
        return word in self.revisions and self.unguarded.get(word, frozenset()).isdisjoint(fields)
