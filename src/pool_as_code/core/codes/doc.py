"""What is told of a code."""

from __future__ import annotations

from typing import NamedTuple


class CodeDoc(NamedTuple):
    """One code. `cause` tells when it comes, `next_step` what its reader does then."""

    code: str
    title: str
    cause: str
    next_step: str
