"""The project file `pool-as-code.yaml`: who owns what is applied, where manifests lie, guards, environments.

Found from a folder upwards, read strictly. Variables, rules, bindings and patches are not part of it yet.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Required

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from ..core.diagnostics import Diagnostic, Location
from ..core.errors import InvalidInput
from ..core.values import JsonMap, as_list, as_map
from ..resources.kind import ApiVersion, Problem
from ..resources.registry import by_name, by_word
from ..resources.suggest import nearest
from ..resources.traits import NAME, STRICT, Count, Doc, Name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import TypeAdapter

FILE_NAME = "pool-as-code.yaml"
DEFAULT_ENVIRONMENT = "default"

ProjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$")]
Folder = Annotated[str, Field(min_length=1, max_length=4096)]


class EnvironmentDocument(TypedDict, total=False):
    """One place to apply to."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    store: Annotated[str, Field(min_length=1, max_length=4096), Doc("The URL of its store.")]
    manifests: Annotated[list[Folder], Doc("Folders or files that only this environment has.")]


class ProjectDocument(TypedDict, total=False):
    """The project file."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Project"]]
    id: Required[Annotated[ProjectId, Doc("A random id: the owner of everything this project applies.")]]
    name: Required[Annotated[str, Field(min_length=1, max_length=256), Doc("What people call it.")]]
    manifests: Annotated[list[Folder], Doc("Folders or files, relative to this file.")]
    maxDeletes: Annotated[dict[str, Count], Doc("How many objects of a kind one apply may delete.")]
    defaultEnvironment: Annotated[Name, Doc("The environment where none is named.")]
    environments: Annotated[dict[str, EnvironmentDocument], Doc("Environments by name.")]


@dataclass(frozen=True, slots=True)
class Environment:
    """One place to apply to. `manifests` are folders or files, relative to the project; an empty store is the default one."""

    name: str = DEFAULT_ENVIRONMENT
    store: str = ""
    manifests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A project file, read. `root` is its folder, `manifests` are relative to that, `max_deletes` by kind word."""

    id: str
    name: str
    root: Path
    path: Path
    manifests: tuple[str, ...] = (".",)
    max_deletes: dict[str, int] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    default_environment: str = ""


def find_project(start: Path) -> Project | None:
    """The project of a folder: the nearest file from there upwards, not beyond the top of a Git repository.

    Raises InvalidInput when the file is there and wrong.
    """
    folder = start.absolute()
    for above in (folder, *folder.parents):
        if _exists(above / FILE_NAME):
            return read_project(above / FILE_NAME)
        if _exists(above / ".git"):
            return None
    return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that nobody may look into
        return False


def read_project(path: Path) -> Project:
    """Reads a project file. Raises InvalidInput with every problem of it and its place."""
    from ..core.yaml import parse_collect
    from ..resources.state import Origin
    from .place import Placed, diagnosed, from_yaml

    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Diagnostic(
            "PAC130", f"the project file can not be read: {error.strerror}", location=Location(str(path))
        )
        raise InvalidInput(problem.summary, [problem]) from error
    shown = _shown(path)
    documents, found = parse_collect(content)
    diagnostics = from_yaml(shown, found)
    if not diagnostics:
        values = [document.value for document in documents]
        at = Origin(shown, documents[0].index if documents else 0)
        diagnostics = diagnosed([Placed(at, problem) for problem in _problems(values)], lambda _: content)
    if diagnostics:
        raise InvalidInput(f"the project file {shown} is not valid", diagnostics)
    return _project(as_map(documents[0].value), path.absolute())


def _shown(path: Path) -> str:
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def adapter() -> TypeAdapter[Any]:
    """Validates the document of a project file."""
    from pydantic import TypeAdapter

    return TypeAdapter(ProjectDocument)


def _problems(values: list[Any]) -> Iterator[Problem]:
    from pydantic import ValidationError

    from .annotations import spot
    from .parse import explained

    if len(values) != 1:
        yield Problem((), "PAC131", f"a project file has one document, found {len(values)}", hint="keep one")
        return
    value = values[0]
    if not isinstance(value, dict) or value.get("kind") != "Project":
        hint = "write apiVersion: pool-as-code/v1 and kind: Project"
        detail = "manifests stand in other files"
        yield Problem(("kind",), "PAC131", "this is not a project file: its kind is not Project", detail, hint)
        return
    try:
        adapter().validator.validate_python(value)
    except ValidationError as error:
        for problem in explained(spot(ProjectDocument), value, error.errors(include_url=False)):
            yield _with_new_id(problem)
        return
    yield from _checks(value)


def _with_new_id(problem: Problem) -> Problem:
    if problem.path != ("id",) or problem.code != "PAC204":
        return problem
    hint = "write id: with a random text of 8 or more letters and digits, once for ever"
    return Problem(
        problem.path, problem.code, problem.summary, "it says who owns what is applied", hint, replace=new_id()
    )


def _checks(value: JsonMap) -> Iterator[Problem]:
    import re

    for word in as_map(value.get("maxDeletes")):
        if word not in by_word():
            near = by_name()[word].word if word in by_name() else nearest(word, by_word())
            hint = f"did you mean {near}?" if near else "use one of them"
            path = ("maxDeletes", word)
            yield Problem(
                path,
                "PAC132",
                "maxDeletes has no such kind",
                f"kinds: {', '.join(by_word())}",
                hint,
                rename=near,
                at_key=True,
            )
    environments = as_map(value.get("environments"))
    for name in environments:
        if not re.match(NAME, name):
            summary = "an environment's name has letters, digits, - and _ only"
            yield Problem(("environments", name), "PAC133", summary, hint="choose another name", at_key=True)
    chosen = value.get("defaultEnvironment")
    if isinstance(chosen, str) and chosen not in environments:
        near = nearest(chosen, environments)
        yield Problem(
            ("defaultEnvironment",),
            "PAC134",
            f"there is no environment {chosen}",
            f"environments: {', '.join(environments) or 'none'}",
            f"did you mean {near}?" if near else "remove it, or declare the environment",
            replace=near,
            remove=near is None,
        )


def _project(value: JsonMap, path: Path) -> Project:
    root = path.parent
    environments = {
        name: Environment(name, str(as_map(inner).get("store", "")), _texts(as_map(inner).get("manifests")))
        for name, inner in as_map(value.get("environments")).items()
    }
    usual = ("manifests",) if (root / "manifests").is_dir() else (".",)
    return Project(
        id=str(value["id"]),
        name=str(value["name"]),
        root=root,
        path=path,
        manifests=_texts(value["manifests"]) if "manifests" in value else usual,
        max_deletes={word: count for word, count in as_map(value.get("maxDeletes")).items() if isinstance(count, int)},
        environments=environments,
        default_environment=str(value.get("defaultEnvironment", "")),
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, as_list(value)))


def new_id() -> str:
    """A random project id."""
    return f"p-{secrets.token_hex(8)}"


def new_project_lines(name: str) -> str:
    """The text of a new project file, with a random id."""
    from ..core.yaml import dump

    return dump([{"apiVersion": "pool-as-code/v1", "kind": "Project", "id": new_id(), "name": name}])


def choose_environment(project: Project | None, asked: str | None, *, needed: bool = True) -> Environment:
    """The environment a command works in. A project without environments has the one named `default`.

    Raises InvalidInput where the one asked for does not exist, or none is named and one is `needed`; without need the
    project's own manifests alone are meant.
    """
    environments = project.environments if project is not None else {}
    if not environments:
        if asked in (None, "", DEFAULT_ENVIRONMENT):
            return Environment()
        where = "this project has no environments" if project is not None else "there is no project here"
        raise _no_environment("PAC134", f"there is no environment {asked}: {where}", "leave out --env")
    name = asked or (project.default_environment if project is not None else "")
    if name in environments:
        return environments[name]
    if name:
        near = nearest(name, environments)
        hint = f"did you mean --env {near}?" if near else f"environments: {', '.join(environments)}"
        raise _no_environment("PAC134", f"there is no environment {name}", hint)
    if not needed:
        return Environment()
    choices = ", ".join(environments)
    raise _no_environment(
        "PAC135", "this project has environments and none is chosen", f"add --env with one of {choices}"
    )


def _no_environment(code: str, summary: str, hint: str) -> InvalidInput:
    return InvalidInput(summary, [Diagnostic(code, summary, hint=hint)], hint=hint)
