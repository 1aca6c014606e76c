"""The kind `Organization`: a business customer below a workspace, with directories of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict

from ..core.values import JsonMap
from .kind import ApiVersion, Kind, Metadata, Problem, Reference
from .pool.sign_in import Method
from .traits import (
    STRICT,
    Color,
    Default,
    DisplayName,
    Doc,
    FreeMap,
    Immutable,
    JsonObject,
    Name,
    OwnName,
    PerKey,
    Ref,
    ServerChosen,
    Text,
    Unordered,
    Weakens,
)


class OrganizationSpec(TypedDict, total=False):
    """Everything about an organization but its directories."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    displayName: DisplayName
    description: Annotated[Text | None, Doc("What it is.", "description"), Default("")]
    color: Annotated[Color | None, Doc("Colour of its label in the console.", "color"), Default("#007FFF")]
    domains: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]] | None,
        Doc("E-mail domains that lead to it.", "domains"),
        Default([]),
        Unordered(),
    ]
    allowedMethods: Annotated[
        list[Method],
        Doc("Sign-in methods its directories may use.", "authentication_mechanisms"),
        ServerChosen("those of its parent"),
        Unordered(),
        Weakens("longer"),
    ]
    template: Annotated[
        bool | None, Doc("New organizations may be made from it. It holds no real users.", "template"), Default(False)
    ]
    metadata: Annotated[
        FreeMap,
        Doc("The organization's own free map. The key `pool-as-code` is reserved.", "metadata.payload"),
        PerKey(),
    ]
    extra: Annotated[
        JsonObject, Doc("Fields of the service that this version does not know, by the service's names."), PerKey()
    ]


class OrganizationMetadata(Metadata, total=False):
    """Where an organization stands, beside what every object has."""

    name: Required[OwnName]
    parent: Annotated[Name, Doc("The workspace or organization above it.", "parent_id"), Ref("workspace"), Immutable()]


class OrganizationDocument(TypedDict, total=False):
    """A document of kind `Organization`."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Organization"]]
    metadata: Required[OrganizationMetadata]
    spec: OrganizationSpec


def references(metadata: JsonMap, spec: JsonMap) -> Iterator[Reference]:
    """The workspace or organization above it."""
    if "parent" in metadata:
        yield Reference("workspace|organization", str(metadata["parent"]), ("metadata", "parent"))


def checks(metadata: JsonMap, spec: JsonMap) -> Iterator[Problem]:
    """An organization can not stand below itself."""
    if metadata.get("parent") == metadata["name"]:
        yield Problem(
            ("metadata", "parent"),
            "PAC223",
            "an organization can not be its own parent",
            hint="remove parent",
            remove=True,
        )


KIND = Kind(
    name="Organization",
    word="organization",
    title="a business customer below a workspace, with directories of its own",
    document=OrganizationDocument,
    spec=OrganizationSpec,
    metadata=OrganizationMetadata,
    references=references,
    checks=checks,
)
