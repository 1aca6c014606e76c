"""The kind `Workspace`: an authorization server with directories of its own. Created in our own directories only."""

from __future__ import annotations

from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from ..core.values import JsonMap
from .kind import ApiVersion, Kind, Metadata, Reference
from .pool.sign_in import Method
from .traits import (
    STRICT,
    Color,
    Default,
    DisplayName,
    Doc,
    JsonObject,
    OwnName,
    PerKey,
    ServerChosen,
    Text,
    Unordered,
    Weakens,
)


class WorkspaceSpec(TypedDict, total=False):
    """What a directory needs to know of a workspace."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    displayName: DisplayName
    description: Annotated[Text | None, Doc("What it is.", "description"), Default("")]
    color: Annotated[Color | None, Doc("Colour of its label in the console.", "color"), Default("#007FFF")]
    allowedMethods: Annotated[
        list[Method],
        Doc("Sign-in methods its directories may use.", "authentication_mechanisms"),
        ServerChosen("all known methods"),
        Unordered(),
        Weakens("longer"),
    ]
    extra: Annotated[
        JsonObject, Doc("Fields of the service that this version does not know, by the service's names."), PerKey()
    ]


class WorkspaceMetadata(Metadata, total=False):
    """What every object has."""

    name: Required[OwnName]


class WorkspaceDocument(TypedDict, total=False):
    """A document of kind `Workspace`."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Workspace"]]
    metadata: Required[WorkspaceMetadata]
    spec: WorkspaceSpec


def references(metadata: JsonMap, spec: JsonMap) -> tuple[Reference, ...]:
    """None: a workspace stands on its own."""
    return ()


KIND = Kind(
    name="Workspace",
    word="workspace",
    title="an authorization server with directories of its own",
    document=WorkspaceDocument,
    spec=WorkspaceSpec,
    metadata=WorkspaceMetadata,
    references=references,
)
