"""Addresses: how plans, messages and ownership records name an object: `pool/customers`, `user/customers/ada`."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """`kind` is the short word of the kind (`pool`), `path` the name, below its pool for groups and users."""

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.path}"

    @property
    def name(self) -> str:
        """The last part: the object's own name."""
        return self.path.rpartition("/")[2]

    @property
    def container(self) -> str:
        """The pool's name for groups and users, else an empty text."""
        return self.path.rpartition("/")[0]

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address a text stands for; raises ValueError when it has no kind or no name."""
        kind, slash, path = text.partition("/")
        if not (kind and slash and path):
            raise ValueError(f"not an address: {text!r}; expected KIND/NAME, for example pool/customers")
        return cls(kind, path)
