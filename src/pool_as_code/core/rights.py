"""What whoever writes to a store must be allowed, as a value: a store says it, a plan lists it, a renderer shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .address import Address


class Grant(StrEnum):
    """Whether a client has a right. `UNKNOWN`: the service does not say, or another client will write."""

    GRANTED = "granted"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Right:
    """One right. `who` needs it (`System client`), `name` is what it needs (`the scope identity`), `reason` says what for.
    `addresses` are the objects that call for it, none where everything does. `has` is what is known of the client, `next_step`
    how it gets the right."""

    who: str
    name: str
    reason: str
    grant: Grant
    addresses: tuple[Address, ...] = ()
    has: str = ""
    next_step: str = ""
