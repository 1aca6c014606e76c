"""The project file `pool-as-code.yaml`: who owns what is applied, where manifests lie, guards, environments.

Found from a folder upwards, read strictly. Its type stands in `project_document.py`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.address import Address
from ..core.diagnostics import Diagnostic, Location
from ..core.errors import InvalidInput
from ..core.values import JsonMap, JsonValue, as_list, as_map
from ..resources.kind import Problem
from ..resources.registry import by_name, by_word
from ..resources.state import Origin
from ..resources.suggest import nearest
from ..resources.traits import NAME
from .layers.patches import Patch, patch_of, patch_problems
from .layers.variables import Variable, declared_variables, problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import TypeAdapter

FILE_NAME = "pool-as-code.yaml"
DEFAULT_ENVIRONMENT = "default"


@dataclass(frozen=True, slots=True)
class Environment:
    """One place to apply to. `manifests` are folders or files, relative to the project; an empty store is the default one.
    `bindings` name live objects that are there already, `variables` holds values of the project's variables here."""

    name: str = DEFAULT_ENVIRONMENT
    store: str = ""
    manifests: tuple[str, ...] = ()
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    bindings: Mapping[Address, str] = field(default_factory=dict)
    patches: tuple[Patch, ...] = ()
    protected: bool = False
    max_deletes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a lint rule is applied here; an empty severity is the rule's own."""

    severity: str = ""
    options: JsonMap = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A breach that is accepted until the end of the day `expires` (YYYY-MM-DD). `place` is its path in the project file."""

    rule: str
    address: str
    reason: str
    expires: str
    place: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """A project file, read. `root` is its folder, `manifests` are relative to that, `max_deletes` by kind word. `shown` is how
    messages call the file, `rules` are as written: by name or code."""

    id: str
    name: str
    root: Path
    path: Path
    manifests: tuple[str, ...] = (".",)
    max_deletes: dict[str, int] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    default_environment: str = ""
    variables: dict[str, Variable] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    shown: str = FILE_NAME


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
    return _project(as_map(documents[0].value), path.absolute(), at)


def _shown(path: Path) -> str:
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


@cache
def adapter() -> TypeAdapter[Any]:
    """Validates the document of a project file."""
    from pydantic import TypeAdapter

    from .project_document import ProjectDocument

    return TypeAdapter(ProjectDocument)


def _problems(values: list[Any]) -> Iterator[Problem]:
    from pydantic import ValidationError

    from .annotations import spot
    from .parse import explained
    from .project_document import ProjectDocument

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

    yield from _max_deletes(value, ())
    environments = as_map(value.get("environments"))
    for name, inner in environments.items():
        if not re.match(NAME, name):
            summary = "an environment's name has letters, digits, - and _ only"
            yield Problem(("environments", name), "PAC133", summary, hint="choose another name", at_key=True)
        yield from _environment_checks(as_map(inner), ("environments", name))
    yield from problems_of(value)
    yield from _waivers(value)
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


def _max_deletes(holder: JsonMap, above: tuple[str, ...]) -> Iterator[Problem]:
    for word in as_map(holder.get("maxDeletes")):
        if word not in by_word():
            near = by_name()[word].word if word in by_name() else nearest(word, by_word())
            hint = f"did you mean {near}?" if near else "use one of them"
            path = (*above, "maxDeletes", word)
            detail = f"kinds: {', '.join(by_word())}"
            yield Problem(path, "PAC132", "maxDeletes has no such kind", detail, hint, rename=near, at_key=True)


def _environment_checks(environment: JsonMap, above: tuple[str, ...]) -> Iterator[Problem]:
    yield from _max_deletes(environment, above)
    for index, patch in enumerate(as_list(environment.get("patches"))):
        yield from patch_problems(as_map(patch), (*above, "patches", index))
    bound: dict[tuple[str, JsonValue], str] = {}
    for text, id in as_map(environment.get("bindings")).items():
        path = (*above, "bindings", text)
        word, _, name = text.partition("/")
        if word not in by_word() or not name:
            near = by_name()[word].word if word in by_name() else nearest(word, by_word())
            hint = f"did you mean {near}/{name or 'NAME'}?" if near else f"kinds: {', '.join(by_word())}"
            detail = "an address is KIND/NAME, or KIND/POOL/NAME, such as pool/customers"
            yield Problem(path, "PAC147", f"bindings has no address {text}", detail, hint, at_key=True)
            continue
        first = bound.setdefault((word, id), text)
        if first != text:
            summary = f"{first} and {text} are bound to the same object"
            yield Problem(path, "PAC148", summary, hint="keep one of the two", remove=True)


def _waivers(value: JsonMap) -> Iterator[Problem]:
    import datetime

    for index, waiver in enumerate(as_list(value.get("waivers"))):
        try:
            datetime.date.fromisoformat(str(as_map(waiver).get("expires")))
        except ValueError:
            path = ("waivers", index, "expires")
            yield Problem(path, "PAC208", "expires needs a day", "there is no such day", "write it as YYYY-MM-DD")


def _project(value: JsonMap, path: Path, at: Origin) -> Project:
    root = path.parent
    usual = ("manifests",) if (root / "manifests").is_dir() else (".",)
    return Project(
        id=str(value["id"]),
        name=str(value["name"]),
        root=root,
        path=path,
        manifests=_texts(value["manifests"]) if "manifests" in value else usual,
        max_deletes=_counts(value),
        environments={
            name: _environment(name, as_map(inner), at) for name, inner in as_map(value.get("environments")).items()
        },
        default_environment=str(value.get("defaultEnvironment", "")),
        variables=declared_variables(as_map(value.get("variables"))),
        rules={name: _rule(said) for name, said in as_map(value.get("rules")).items()},
        waivers=tuple(_waiver(index, as_map(said)) for index, said in enumerate(as_list(value.get("waivers")))),
        shown=at.file,
    )


def _environment(name: str, value: JsonMap, at: Origin) -> Environment:
    place = ("environments", name, "patches")
    return Environment(
        name,
        str(value.get("store", "")),
        _texts(value.get("manifests")),
        as_map(value.get("variables")),
        {Address.parse(text): str(id) for text, id in as_map(value.get("bindings")).items()},
        tuple(
            patch_of(f"patch {index + 1} of environment {name}", as_map(said), at, (*place, index))
            for index, said in enumerate(as_list(value.get("patches")))
        ),
        value.get("protected") is True,
        _counts(value),
    )


def _counts(value: JsonMap) -> dict[str, int]:
    return {word: count for word, count in as_map(value.get("maxDeletes")).items() if isinstance(count, int)}


def _rule(said: JsonValue) -> Rule:
    if isinstance(said, dict):
        return Rule(str(said.get("severity", "")), as_map(said.get("options")))
    return Rule(str(said))


def _waiver(index: int, said: JsonMap) -> Waiver:
    texts = {key: str(said.get(key, "")) for key in ("rule", "address", "reason", "expires")}
    return Waiver(**texts, place=("waivers", index))


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
        if len(several := name.split(",")) > 1 and set(several) <= set(environments):
            raise _no_environment(
                "PAC134", f"{name} are several environments", "choose one here; pac plan takes several"
            )
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
