"""The type of the project file: what may stand in it, with what it means. `project.py` reads it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Required

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from ..resources.kind import ApiVersion
from ..resources.traits import ID, STRICT, Count, Doc, JsonObject, Name
from .layers.documents import Column, PatchSpec

ProjectId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$")]
Folder = Annotated[str, Field(min_length=1, max_length=4096)]
Text = Annotated[str, Field(min_length=1, max_length=4096)]
RemoteId = Annotated[str, StringConstraints(pattern=ID)]
Date = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
RuleSeverity = Literal["ignore", "info", "warn", "error"]
VariableType = Literal["text", "integer", "number", "boolean", "list", "map"]
VariableValue = str | int | float | bool | list[Any]


class VariableDocument(TypedDict, total=False):
    """A variable with its type. Without a default every environment, or the command line, has to say its value."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    type: Required[Annotated[VariableType, Doc("What its value is.")]]
    default: Annotated[Any, Doc("Its value where nobody says another one.")]
    description: Annotated[Text, Doc("What it is for.")]


class RuleSettings(TypedDict, total=False):
    """How one lint rule is applied."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    severity: Annotated[RuleSeverity, Doc("How much a breach matters; `ignore` switches the rule off.")]
    options: Annotated[JsonObject, Doc("What the rule is to be told: limits, patterns, names.")]


class Waiver(TypedDict, total=False):
    """A breach of a rule that is accepted for a while."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    rule: Required[Annotated[Text, Doc("The code or the name of a lint rule.")]]
    address: Annotated[Text, Doc("The object, or a glob over addresses; without it the whole project.")]
    reason: Required[Annotated[Text, Doc("Why it is accepted.")]]
    expires: Required[Annotated[Date, Doc("The last day on which it holds, as YYYY-MM-DD.")]]


class EnvironmentDocument(TypedDict, total=False):
    """One place to apply to."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    store: Annotated[Text, Doc("The URL of its store.")]
    manifests: Annotated[list[Folder], Doc("Folders or files that only this environment has.")]
    variables: Annotated[dict[Column, VariableValue | JsonObject], Doc("Values of the project's variables here.")]
    bindings: Annotated[
        dict[str, RemoteId],
        Doc(
            "Address -> id of a live object that is there already: taken over if it is declared, else only referred to."
        ),
    ]
    patches: Annotated[list[PatchSpec], Doc("Merges onto documents, in this environment alone.")]
    protected: Annotated[
        bool, Doc("Only a saved plan or `--expect` is applied, whole, and the first error stops the apply.")
    ]
    maxDeletes: Annotated[dict[str, Count], Doc("As in the project, for this environment.")]


class ProjectDocument(TypedDict, total=False):
    """The project file."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Project"]]
    id: Required[Annotated[ProjectId, Doc("A random id: the owner of everything this project applies.")]]
    name: Required[Annotated[str, Field(min_length=1, max_length=256), Doc("What people call it.")]]
    manifests: Annotated[list[Folder], Doc("Folders or files, relative to this file.")]
    variables: Annotated[
        dict[Column, VariableValue | VariableDocument],
        Doc("Variables by name: a value, whose type is the variable's, or a map with a type and no or one default."),
    ]
    rules: Annotated[dict[str, RuleSeverity | RuleSettings], Doc("Lint rules by name or code, and how they apply.")]
    waivers: Annotated[list[Waiver], Doc("Breaches of lint rules that are accepted for a while.")]
    maxDeletes: Annotated[dict[str, Count], Doc("How many objects of a kind one apply may delete.")]
    defaultEnvironment: Annotated[Name, Doc("The environment where none is named.")]
    environments: Annotated[dict[str, EnvironmentDocument], Doc("Environments by name.")]
