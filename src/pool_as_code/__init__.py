"""pool-as-code keeps user directories (identity pools) in Git: manifests in, plan out, apply exactly that plan.

    from pool_as_code import load

    shop = load("shop/", env="dev")
    plan = shop.plan()
    report = shop.apply(plan)

Here live the version and the names for Python programs, imported when they are used. The rooms below import downwards only,
from `cli` to `core`. (`plan` and `apply` are rooms; what plans and applies are the methods of a loaded project.)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import Project, load
    from .app.request import ApplyOptions, PlanOptions
    from .apply.report import ChangeOutcome, Report
    from .core.diagnostics import Diagnostic
    from .core.errors import InvalidInput, PartlyApplied, PoolAsCodeError, Refused, StoreError
    from .plan.model import Change, FieldChange, Finding, Plan

__all__ = [
    "ApplyOptions",
    "Change",
    "ChangeOutcome",
    "Diagnostic",
    "FieldChange",
    "Finding",
    "InvalidInput",
    "PartlyApplied",
    "Plan",
    "PlanOptions",
    "PoolAsCodeError",
    "Project",
    "Refused",
    "Report",
    "StoreError",
    "__version__",
    "load",
]

_ROOMS = {
    ".api": ("Project", "load"),
    ".app.request": ("ApplyOptions", "PlanOptions"),
    ".apply.report": ("ChangeOutcome", "Report"),
    ".core.diagnostics": ("Diagnostic",),
    ".core.errors": ("InvalidInput", "PartlyApplied", "PoolAsCodeError", "Refused", "StoreError"),
    ".plan.model": ("Change", "FieldChange", "Finding", "Plan"),
}
_PLACES = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    room = _PLACES.get(name)
    if room is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(room, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
