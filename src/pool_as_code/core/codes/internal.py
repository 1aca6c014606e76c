"""The code of faults of our own."""

from __future__ import annotations

from .doc import CodeDoc

INTERNAL_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC900",
        "An internal error",
        "Something happened that pool-as-code did not expect: a fault of its own, whatever the input was.",
        "Run the same command with --debug and report what it prints; values are left out of it.",
    ),
)
