"""The codes of messages: what `PACnnn` means, why it happens, what to do. `explain CODE` and the documentation read this.

    100-129 text    130-149 project, paths    150-199 layers    200-222 fields    223-259 objects    300-349 plans, applies
    350-369 safety    400-449 lint    450-459 fmt, init    500-529 dumps    540-559 the service
    900 faults of our own

A new range is a module with a tuple of `CodeDoc`, and its name in `CODES` below.
"""

from __future__ import annotations

import functools

from .doc import CodeDoc
from .dumps import DUMP_CODES
from .fields import FIELD_CODES
from .formatting import FORMAT_CODES
from .internal import INTERNAL_CODES
from .layers import LAYER_CODES
from .lint import LINT_CODES
from .objects import OBJECT_CODES
from .paths import PATH_CODES
from .planning import PLAN_CODES
from .safety import SAFETY_CODES
from .service import SERVICE_CODES
from .yaml_text import YAML_CODES

CODES: tuple[CodeDoc, ...] = (
    *YAML_CODES,
    *PATH_CODES,
    *LAYER_CODES,
    *FIELD_CODES,
    *OBJECT_CODES,
    *PLAN_CODES,
    *SAFETY_CODES,
    *LINT_CODES,
    *FORMAT_CODES,
    *DUMP_CODES,
    *SERVICE_CODES,
    *INTERNAL_CODES,
)


@functools.cache
def by_code() -> dict[str, CodeDoc]:
    """`PAC203` -> what it means. Raises ValueError for a code that stands there twice."""
    found: dict[str, CodeDoc] = {}
    for doc in CODES:
        if doc.code in found:
            raise ValueError(f"{doc.code} stands twice: {found[doc.code].title!r} and {doc.title!r}")
        found[doc.code] = doc
    return found


__all__ = [
    "CODES",
    "DUMP_CODES",
    "FIELD_CODES",
    "FORMAT_CODES",
    "INTERNAL_CODES",
    "LAYER_CODES",
    "LINT_CODES",
    "OBJECT_CODES",
    "PATH_CODES",
    "PLAN_CODES",
    "SAFETY_CODES",
    "YAML_CODES",
    "CodeDoc",
    "by_code",
]
