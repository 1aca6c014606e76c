"""Variables: what the project declares, who says their values, and that a value has its variable's type.

--var NAME=VALUE  >  PAC_VAR_NAME  >  the environment  >  the project
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...core.diagnostics import Diagnostic
from ...core.values import JsonMap, JsonValue, as_map
from ...resources.kind import Problem
from ...resources.suggest import nearest

PREFIX = "PAC_VAR_"
_WORDS = {
    "text": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "map": "a map",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable. `type` is a word of `VariableType`; without a default somebody has to say its value."""

    name: str
    type: str
    has_default: bool = False
    default: JsonValue = None
    description: str = ""


class Said(NamedTuple):
    """A variable's value and who said it, for `render` and messages: `--var`, `PAC_VAR_host`, `environment dev`."""

    value: JsonValue
    by: str


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables of one environment: those that have a value, and all that are declared."""

    declared: Mapping[str, Variable] = field(default_factory=dict)
    said: Mapping[str, Said] = field(default_factory=dict)

    def missing(self, name: str) -> tuple[str, str]:
        """Why a variable can not be used: (detail, hint)."""
        if name in self.declared:
            return f"it is declared as {_WORDS[self.declared[name].type]} without a default", (
                f"say its value: --var {name}=..., {PREFIX}{name}, or variables of the environment"
            )
        near = nearest(name, self.declared)
        known = ", ".join(list(self.declared)[:8]) + (", ..." if len(self.declared) > 8 else "")
        detail = f"declared: {known}" if known else "the project declares no variables"
        return detail, f"did you mean {near}?" if near else f"declare {name} under variables in the project file"


def declared_variables(value: JsonMap) -> dict[str, Variable]:
    """The variables of a project file's `variables`."""
    return {name: _declared(name, said) for name, said in value.items()}


def _declared(name: str, said: JsonValue) -> Variable:
    if isinstance(said, dict):
        return Variable(
            name, str(said["type"]), "default" in said, said.get("default"), str(said.get("description", ""))
        )
    return Variable(name, _type_of(said), True, said)


def _type_of(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {str: "text", int: "integer", float: "number", list: "list"}
    return names.get(type(value), "map")


def fits(type: str, value: JsonValue) -> bool:
    """Whether a value has a variable's type; whole numbers are numbers."""
    return _type_of(value) == type or (type == "number" and _type_of(value) == "integer")


def problems_of(project: JsonMap) -> Iterator[Problem]:
    """What is wrong with the variables of a project file: defaults and values that have another type, unknown names."""
    declared = {}
    for name, said in as_map(project.get("variables")).items():
        variable = declared[name] = _declared(name, said)
        if isinstance(said, dict) and variable.has_default and not fits(variable.type, variable.default):
            yield _wrong(("variables", name, "default"), variable)
    for environment, inner in as_map(project.get("environments")).items():
        for name, value in as_map(as_map(inner).get("variables")).items():
            path = ("environments", environment, "variables", name)
            if name not in declared:
                near = nearest(name, declared)
                hint = f"did you mean {near}?" if near else f"declare it: variables: {{{name}: {{type: text}}}}"
                summary = f"the project declares no variable {name}"
                yield Problem(path, "PAC181", summary, hint=hint, rename=near, at_key=True)
            elif not fits(declared[name].type, value):
                yield _wrong(path, declared[name])


def _wrong(path: tuple[str | int, ...], variable: Variable) -> Problem:
    words = _WORDS[variable.type]
    return Problem(path, "PAC182", f"variable {variable.name} needs {words}", hint=f"write {words}")


def say_variables(
    declared: Mapping[str, Variable],
    environment: str,
    of_environment: Mapping[str, JsonValue],
    environ: Mapping[str, str],
    given: Mapping[str, str],
) -> tuple[Variables, list[Diagnostic]]:
    """The values of one environment. `given` are those of `--var`; their texts are read as the variable's type. A text of another
    type is a problem, and only that: what the variable would be without it stays, so that no document complains as well."""
    said: dict[str, Said] = {}
    problems: list[Diagnostic] = []
    for name, variable in declared.items():
        if name in of_environment:
            said[name] = Said(of_environment[name], f"environment {environment}")
        elif variable.has_default:
            said[name] = Said(variable.default, "project")
        source = next((key for key in (PREFIX + name, PREFIX + name.upper()) if key in environ), "")
        if name in given:
            text, by = given[name], "--var"
        elif source:
            text, by = environ[source], source
        else:
            continue
        try:
            said[name] = Said(_read(variable, text), by)
        except ValueError:
            words = _WORDS[variable.type]
            problems.append(
                Diagnostic("PAC182", f"{by}: variable {name} needs {words}", hint=f"give it {_FORMS[variable.type]}")
            )
    for name in given:
        if name not in declared:
            detail, hint = Variables(declared).missing(name)
            problems.append(Diagnostic("PAC181", f"--var {name}: there is no such variable", detail=detail, hint=hint))
    return Variables(declared, said), problems


_FORMS = {
    "text": "any text",
    "integer": "digits, such as 12",
    "number": "a number, such as 0.5",
    "boolean": "true or false",
    "list": "a YAML list, such as [a, b]",
    "map": "a YAML map, such as {a: 1}",
}


def _read(variable: Variable, text: str) -> JsonValue:
    """The value of a text from a command line or the environment; raises ValueError where it has another type."""
    if variable.type == "text":
        return text
    from ...core.yaml import YamlError, parse

    try:
        documents = parse(text)
    except YamlError as error:
        raise ValueError(str(variable.name)) from error
    value = documents[0].value if len(documents) == 1 else None
    if not fits(variable.type, value):
        raise ValueError(variable.name)
    return value
