"""The kind `Group`: a named set of a pool's users, possibly inside another group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Required

from typing_extensions import TypedDict

from ..core.values import JsonMap
from .kind import ApiVersion, Kind, Metadata, Problem, Reference
from .traits import STRICT, Default, DisplayName, Doc, LongName, Name, Ref, Text


class GroupSpec(TypedDict, total=False):
    """Everything about a group but its members, who name their groups themselves."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    displayName: DisplayName
    description: Annotated[Text | None, Doc("What the group is for.", "description"), Default("")]


class GroupMetadata(Metadata, total=False):
    """Where a group lives, beside what every object has."""

    pool: Required[Annotated[Name, Doc("The pool the group belongs to.", "user_pool_id")]]
    parent: Annotated[LongName | None, Doc("The group it stands in.", "parent_id"), Ref("group"), Default(None)]


class GroupDocument(TypedDict, total=False):
    """A document of kind `Group`."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Group"]]
    metadata: Required[GroupMetadata]
    spec: GroupSpec


def references(metadata: JsonMap, spec: JsonMap) -> Iterator[Reference]:
    """The pool and the parent group."""
    yield Reference("pool", str(metadata["pool"]), ("metadata", "pool"))
    if metadata.get("parent") is not None:
        yield Reference("group", f"{metadata['pool']}/{metadata['parent']}", ("metadata", "parent"))


def checks(metadata: JsonMap, spec: JsonMap) -> Iterator[Problem]:
    """A group can not stand in itself; longer rings are found across documents."""
    if metadata.get("parent") == metadata["name"]:
        yield Problem(
            ("metadata", "parent"), "PAC223", "a group can not be its own parent", hint="remove parent", remove=True
        )


KIND = Kind(
    name="Group",
    word="group",
    title="a named set of a pool's users, possibly inside another group",
    document=GroupDocument,
    spec=GroupSpec,
    metadata=GroupMetadata,
    references=references,
    checks=checks,
    container="pool",
    uuid_ids=True,
)
