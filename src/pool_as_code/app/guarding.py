"""A branch against its base, for the commands that take `--base REF`: both sides are read, compared, and what the branch loosens
is told before anything else, also when the command then fails."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Severity, has_errors
from ..core.errors import InvalidInput, PoolAsCodeError
from ..manifest.load import Loaded
from ..manifest.project import Environment, Project
from ..plan.findings import lifted
from ..plan.model import Finding
from ..resources.state import Resource
from .request import Request

if TYPE_CHECKING:
    from .base import Base
    from .loosened import Side


def found_against_base(
    request: Request,
    project: Project | None,
    sides: Iterable[tuple[Environment, Loaded]],
    allowed: Collection[str] = (),
) -> tuple[Finding, ...]:
    """What the manifests as loaded, in each of these environments, loosen against the commit of `--base`; nothing without it.
    Those that are `allowed` (`CODE` or `CODE@ADDRESS`) block nothing.

    Raises InvalidInput where there is no project, no Git, or no such commit."""
    if not request.base:
        return ()
    if project is None:
        summary = "--base needs a project file: guards stand there"
        hint = "go to a folder below pool-as-code.yaml"
        raise InvalidInput(summary, [Diagnostic("PAC359", summary, hint=hint)])
    from .base import open_base
    from .loosened import Side, in_order_of_risk, loosened

    found: dict[Finding, None] = {}
    with open_base(project.root, request.base, request.environ, id=project.id) as base:
        if base.project is None:
            return (_nothing_to_compare(base),)
        if base.moved_from:
            reason = f"the project stood in {base.moved_from} at {base.ref}"
            found[loosened("project/folder", reason, severity=Severity.WARN)] = None
        for environment, loaded in sides:
            after = Side(project, environment, {**loaded.around.resources, **loaded.state.resources})
            told = _against(base, base.project, after, request)
            broken = has_errors(loaded.diagnostics)  # what could not be read seems to be gone
            found.update(dict.fromkeys(one for one in told if not broken or one.severity is not Severity.INFO))
    return tuple(in_order_of_risk([lifted(finding, allowed) for finding in found]))


def _against(base: Base, project: Project, after: Side, request: Request) -> Iterator[Finding]:
    from .loosened import Side, compare, counterpart, loosened

    environment = counterpart(project, after.project, after.environment) if after.environment is not None else None
    resources = None
    if environment is not None:
        resources = _resources(project, environment, request)
        if resources is None:
            reason = f"the manifests of {base.ref} have errors there; the project files alone are compared"
            yield loosened("project/base", reason, severity=Severity.WARN)
    yield from compare(Side(project, environment, resources), after, base.ref)


def _resources(project: Project, environment: Environment, request: Request) -> Mapping[Address, Resource] | None:
    """The effective documents, None where they have errors."""
    from .base import loaded_at_base

    loaded = loaded_at_base(project, environment, request)
    return None if has_errors(loaded.diagnostics) else loaded.state.resources


def _nothing_to_compare(base: Base) -> Finding:
    from .loosened import loosened

    why = "its project file has errors" if base.problems else "the project is not there"
    first = base.problems[0].summary if base.problems else ""
    return loosened("project/base", f"nothing can be compared with {base.ref}: {why}", first, Severity.WARN)


@contextmanager
def told_first(findings: Sequence[Finding]) -> Iterator[None]:
    """An error that leaves the block says these findings before its own reasons: whoever can not plan must see them, too."""
    try:
        yield
    except PoolAsCodeError as error:
        if findings:
            error.diagnostics = (*as_diagnostics(findings), *error.diagnostics)
        raise


def as_diagnostics(findings: Iterable[Finding]) -> list[Diagnostic]:
    """Findings as messages."""
    return [Diagnostic(f.code, f.reason, f.severity, f.detail, f.next_step, address=f.address) for f in findings]


__all__ = ["as_diagnostics", "found_against_base", "told_first"]
