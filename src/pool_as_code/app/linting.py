"""Linting: the rules of `lint` over what the manifests say in each environment, with the configuration and the waivers of the
project file. Needs no store. A breach that several environments have is told once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC

from ..core import clock
from ..core.diagnostics import Diagnostic, Severity, has_errors, in_order
from ..core.errors import InvalidInput
from ..core.values import JsonMap
from ..lint.config import Effective, effective, problems_of, unknown_rule
from ..lint.desired import Desired
from ..lint.registry import RULES
from ..lint.rule import Rule
from ..lint.run import Found, judge
from ..lint.waivers import Waiver, Waivers
from ..manifest.load import Loaded, collector_off
from ..manifest.place import Placed, diagnosed
from ..manifest.project import Environment, Project, find_project
from ..manifest.shown import value_at
from ..resources.kind import Problem
from ..resources.state import Origin, Resource
from .request import Request
from .session import start_of
from .validating import each_environment

_NOWHERE = Origin("", 0)


@dataclass(frozen=True, slots=True)
class Told:
    """A breach of `rule`, in `environments`. With a waiver it is accepted."""

    diagnostic: Diagnostic
    rule: Rule
    environments: tuple[str, ...]
    waiver: Waiver | None = None


@dataclass(frozen=True)
class Linting:
    """`problems` are errors of the manifests: then nothing was judged. `breaches` stand, `waived` are accepted for now, both by
    place; `notes` are about the configuration and the waivers. `objects` were judged in the environment that has most,
    by `rules` as they apply here."""

    problems: tuple[Diagnostic, ...]
    breaches: tuple[Told, ...]
    waived: tuple[Told, ...]
    notes: tuple[Diagnostic, ...]
    environments: tuple[str, ...]
    objects: int
    rules: Effective

    @property
    def worst(self) -> Severity | None:
        """The highest severity that stands, None where there is nothing to say."""
        said = [*self.problems, *self.notes, *(told.diagnostic for told in self.breaches)]
        order = (Severity.ERROR, Severity.WARN, Severity.INFO)
        return next((severity for severity in order if any(item.severity is severity for item in said)), None)


def lint(request: Request) -> Linting:
    """Judge the manifests. Nothing is raised for what is wrong in them, but for a project file that can not be read."""
    project = find_project(start_of(request))
    rules = rules_of(project)
    waivers = Waivers(project.waivers if project is not None else (), clock.now().astimezone(UTC).date())
    problems: list[Diagnostic] = []
    merged: dict[tuple[object, ...], Told] = {}
    environments: list[str] = []
    whole, objects = True, 0
    for environment, loaded in each_environment(request, project):
        environments.append(environment.name)
        if has_errors(loaded.diagnostics):
            problems += loaded.diagnostics
            continue
        objects = max(objects, len(loaded.state))
        whole = whole and loaded.whole_project
        for told in _told(environment, loaded, rules, waivers):
            item = told.diagnostic
            key = (*item.sort_key, item.summary, item.detail, told.waiver is None)
            known = merged.get(key)
            if known is not None:
                told = replace(known, environments=(*known.environments, environment.name))
            merged[key] = told
    notes = list(configuration_problems(project)) if project is not None else []
    all_of_them = max(1, len(project.environments)) if project is not None else 1
    if project is not None and not problems:
        notes += _in_project_file(project, waivers.problems(everything=whole and len(environments) == all_of_them))
    counting = (told for told in merged.values() if not told.rule.everywhere or len(told.environments) == all_of_them)
    in_place = [] if problems else sorted(counting, key=lambda told: told.diagnostic.sort_key)
    return Linting(
        tuple(in_order(problems)),
        tuple(told for told in in_place if told.waiver is None),
        tuple(told for told in in_place if told.waiver is not None),
        tuple(in_order(notes)),
        tuple(environments),
        objects,
        rules,
    )


def rules_of(project: Project | None) -> Effective:
    """How every rule applies in a project, or where there is none."""
    return effective(project.rules if project is not None else {})


def rules_here(request: Request) -> Effective:
    """How every rule applies in the project of a request. Raises InvalidInput where its file is wrong."""
    project = find_project(start_of(request))
    wrong = list(configuration_problems(project)) if project is not None else []
    if has_errors(wrong):
        raise InvalidInput("the rules of the project file are not valid", wrong)
    return rules_of(project)


def configuration_problems(project: Project) -> Iterable[Diagnostic]:
    """What is wrong with the rules of a project file, and words of its waivers that are no rules."""
    unknown = [
        unknown_rule(waiver.rule, (*waiver.place, "rule"))
        for waiver in project.waivers
        if RULES.find(waiver.rule) is None
    ]
    return _in_project_file(project, [*problems_of(project.rules), *unknown])


def _told(environment: Environment, loaded: Loaded, rules: Effective, waivers: Waivers) -> Iterator[Told]:
    """The breaches of one environment. Those that a base or a template gives to many objects come as one, for each waiver."""
    desired = Desired(
        loaded.state,
        clock.now(),
        loaded.around,
        protected=environment.protected,
        bound=frozenset(environment.bindings),
    )
    by_waiver: dict[tuple[str | int, ...] | None, tuple[Waiver | None, list[Placed]]] = {}
    with collector_off():
        breaches = list(judge(desired, rules))
    for found in breaches:
        waiver = waivers.covers(found.rule.code, str(found.breach.resource.address))
        place = waiver.place if waiver is not None else None
        by_waiver.setdefault(place, (waiver, []))[1].append(_placed(found))
    for waiver, placed in by_waiver.values():
        for item in diagnosed(placed, loaded.texts.read):
            rule = RULES.find(item.code)
            assert rule is not None
            yield Told(item, rule, (environment.name,), waiver)


def _placed(found: Found) -> Placed:
    breach = found.breach
    origin = breach.resource.origin
    path = breach.path if origin is None or origin.layers is None else _declared_part(breach.resource, breach.path)
    problem = Problem(
        path,
        found.rule.code,
        breach.found,
        breach.why,
        breach.hint,
        replace=breach.replace if path == breach.path else None,
        remove=breach.remove,
        severity=found.severity,
    )
    other = breach.other
    second = (other[0], other[1].origin or _NOWHERE, other[2]) if other is not None else None
    return Placed(origin or _NOWHERE, problem, str(breach.resource.address), second)


def _declared_part(resource: Resource, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The beginning of a path that is declared: of a field that nobody writes, the section around it has a place."""
    document: JsonMap = {"metadata": resource.metadata, "spec": resource.spec}
    return next(
        (path[:length] for length in range(len(path), 0, -1) if value_at(document, path[:length]) is not None), ()
    )


def _in_project_file(project: Project, problems: Iterable[Problem]) -> list[Diagnostic]:
    placed = [Placed(Origin(project.shown, 0), problem) for problem in problems]
    return diagnosed(placed, lambda _: project.path.read_bytes()) if placed else []
