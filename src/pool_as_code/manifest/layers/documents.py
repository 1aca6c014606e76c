"""The documents of the layers themselves: `Patch` and `ForEach`, and the merge that both patches and environments have."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Required

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from ...resources.kind import ApiVersion, LabelValue
from ...resources.traits import STRICT, Doc, JsonObject, LongName

Column = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
ColumnType = Literal["text", "integer", "number", "boolean", "list"]
Glob = Annotated[str, Field(min_length=1, max_length=256)]
FilePath = Annotated[str, Field(min_length=1, max_length=4096)]


class LayerMetadata(TypedDict, total=False):
    """A layer has a name, so that messages and origins can call it; nothing is created for it."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    name: Required[Annotated[LongName, Doc("What messages call it.")]]


class Merge(TypedDict, total=False):
    """What is laid over a document: maps key by key, everything else replaced. `$unset` takes fields out."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    metadata: Annotated[JsonObject, Doc("Laid over the document's metadata; not its name or pool.")]
    spec: Annotated[JsonObject, Doc("Laid over the document's spec. `null` is a value; `$unset: [path]` undeclares.")]


class PatchSpec(TypedDict, total=False):
    """Which documents are changed, and how. With targets and selector a document must answer to both."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    targets: Annotated[
        list[Glob], Field(min_length=1), Doc("Addresses, or globs over them: `pool/customers`, `user/*/admin`.")
    ]
    selector: Annotated[
        dict[str, LabelValue], Field(min_length=1), Doc("Labels that a document must have, all of them.")
    ]
    merge: Required[Annotated[Merge, Doc("What is laid over each of them.")]]


class PatchDocument(TypedDict, total=False):
    """A document of kind `Patch`: a merge onto named documents, or onto those with certain labels."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["Patch"]]
    metadata: Required[LayerMetadata]
    spec: Required[PatchSpec]


class RowSource(TypedDict, total=False):
    """A file of rows."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    file: Required[
        Annotated[FilePath, Doc("A .csv, .tsv, .yaml or .json file, relative to this document's own, in the project.")]
    ]
    delimiter: Annotated[Literal[",", ";", "\t", "|"], Doc("What parts the cells of a CSV file; a comma by default.")]


class ForEachSpec(TypedDict, total=False):
    """Where rows come from, and the documents that each of them makes."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    source: Annotated[RowSource, Doc("A file of rows.")]
    rows: Annotated[list[JsonObject], Doc("The rows themselves, in the place of a file.")]
    columns: Annotated[
        dict[Column, ColumnType],
        Doc("Types of columns whose cells are no texts. The members of a `list` are parted by semicolons."),
    ]
    documents: Required[
        Annotated[
            list[dict[str, Any]],
            Field(min_length=1),
            Doc("Documents with `${row.COLUMN}`; one of each is made for every row."),
        ]
    ]


class ForEachDocument(TypedDict, total=False):
    """A document of kind `ForEach`: documents from the rows of a CSV or YAML list."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    apiVersion: Required[ApiVersion]
    kind: Required[Literal["ForEach"]]
    metadata: Required[LayerMetadata]
    spec: Required[ForEachSpec]


LAYERS: dict[str, Any] = {"Patch": PatchDocument, "ForEach": ForEachDocument}
