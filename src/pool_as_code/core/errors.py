"""The tree of errors. Each is raised where the fault is known and translated at most once, at a border.

PoolAsCodeError            exit 1
|-- InvalidInput           exit 1   manifests, project file, options: carries diagnostics
|-- Refused                exit 4   a guard, a rule, a stale plan: carries diagnostics
|-- PartlyApplied          exit 5
`-- StoreError             exit 1   what a store answers
    |-- NotFound                    the object is gone
    |-- Conflict                    taken, or moved since it was read
    |-- Rejected                    the store's rules refuse it, in the store's words
    |-- Unavailable        exit 3   unreachable, busy, full
    |   `-- NotTried                of many, those whose turn never came
    `-- Unauthorised       exit 3   no or too few rights
"""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostics import Diagnostic, in_order


class PoolAsCodeError(Exception):
    """When a command can not do what it was asked. `diagnostics` say why; the text never holds a secret."""

    exit_code = 1

    def __init__(self, message: str, diagnostics: Iterable[Diagnostic] = (), *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.diagnostics: tuple[Diagnostic, ...] = tuple(in_order(diagnostics))


class InvalidInput(PoolAsCodeError):
    """When manifests, the project file, a plan file or an option is wrong; nothing was written."""


class Refused(PoolAsCodeError):
    """When a guard, a rule or a stale plan stops an apply before the first write."""

    exit_code = 4


class PartlyApplied(PoolAsCodeError):
    """When some changes were applied and others were not; running again goes on from there."""

    exit_code = 5


class StoreError(PoolAsCodeError):
    """When a store does not do what it was asked."""


class NotFound(StoreError):
    """When the object that was asked for does not exist (any more)."""


class Conflict(StoreError):
    """When an id, a name or an identifier is taken, or the object moved since it was read."""


class Rejected(StoreError):
    """When the store's own rules refuse a value; the message is in the store's words, without the value."""


class Unavailable(StoreError):
    """When a store can not be reached, is locked by somebody else, full, or of a newer version."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class NotTried(Unavailable):
    """When one of many things was not begun, since the store was lost at another one; the message is that one's."""


class Unauthorised(StoreError):
    """When credentials are missing, wrong or not enough; `scope` names what is needed."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "", scope: str = "") -> None:
        super().__init__(message, hint=hint)
        self.scope = scope
