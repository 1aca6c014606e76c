"""What a store can do, as a value: the planner reads it, so that no store is asked for what it can not express."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`kinds`: the kinds it holds. `transactional`: a whole apply is one transaction. `revisions`: kinds whose writes are
    guarded by the revision that was read. `unsupported`: field path text -> what the user loses, per kind word.
    `batch`: most objects in one bulk create. `read_only`: it never writes."""

    kinds: frozenset[str]
    transactional: bool = False
    revisions: frozenset[str] = frozenset()
    unsupported: dict[str, dict[str, str]] = field(default_factory=dict)
    batch: int = 1
    max_parallel: int = 1
    read_only: bool = False
