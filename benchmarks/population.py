"""The users that everybody is given: made from their number, so that every tool and every run gets the same ones.

Not all are alike: names come in quotes or not, some have a telephone number, some no group, some wait for activation. Nine in
ten have the same 14 fields; the others have one more or one less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_FIRST = (
    "Ada",
    "Grace",
    "Alan",
    "Edsger",
    "Barbara",
    "Donald",
    "Zoë",
    "Jan",
    "Łucja",
    "Ken",
    "Mary Ann",
    "Tim",
    "Radia",
)
_LAST = ("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Nowak", "O'Neil", "Perlman", "de Vries", "Ng")
_CITIES = ("London", "Gdynia", "Utrecht", "New York", "Łódź", "Austin", "Oslo")
_LOCALES = ("en", "pl", "nl", "en-US", "nb")
_TIERS = ("silver", "gold")
GROUPS = ("staff", "support")
CHANGED_TIER = "platinum"  # what the tier of one user in a hundred becomes


@dataclass(frozen=True, slots=True)
class Person:
    """One user. `phone` is empty where there is none; `group` likewise."""

    name: str
    status: str
    email: str
    first_name: str
    last_name: str
    city: str
    locale: str
    born: int
    phone: str
    tier: str
    group: str


def people(number: int, *, changed: bool = False) -> Iterator[Person]:
    """The first `number` users; with `changed` every hundredth has another tier."""
    for n in range(number):
        name = f"u{n:06d}"
        yield Person(
            name=name,
            status="new" if n % 40 == 39 else "active",
            email=f"{name}@example.com",
            first_name=_FIRST[n % 13],
            last_name=_LAST[n % 11],
            city=_CITIES[n % 7],
            locale=_LOCALES[n % 5],
            born=1950 + n % 57,
            phone=f"+4820{n:07d}" if n % 20 == 0 else "",
            tier=CHANGED_TIER if changed and n % 100 == 50 else _TIERS[n % 2],
            group="" if n % 30 == 7 else GROUPS[n % 3 % 2],
        )


def changed_count(number: int) -> int:
    """How many of the first `number` users the change meets."""
    return len(range(50, number, 100))
