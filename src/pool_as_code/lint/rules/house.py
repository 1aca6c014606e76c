"""Rules about the project itself: protection, names, labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...core.values import as_map
from ...resources.state import Resource
from ..desired import Desired, declared
from ..rule import Breach, Option, Options


def unprotected(desired: Desired, options: Options) -> Iterator[Breach]:
    """A pool of a protected environment that an apply could delete."""
    for pool in desired.of("pool") if desired.protected else ():
        if pool.metadata.get("protect") is not True:
            yield Breach(
                pool,
                ("metadata", "protect"),
                "a pool of a protected environment may be deleted",
                "with it go all of its users and their credentials, and nobody can bring passkeys back",
                "set metadata.protect: true",
                replace=True,
            )


def shared_name(desired: Desired, options: Options) -> Iterator[Breach]:
    """Two pools of one place, or two groups of one pool, that people can not tell apart."""
    first: dict[tuple[str, str, str], Resource] = {}
    for word in ("pool", "group"):
        for resource in desired.of(word):
            name = declared(resource, "displayName")
            if not isinstance(name, str):
                continue
            metadata = resource.metadata
            place = str(metadata.get("workspace") or metadata.get("organization") or "")
            if word == "group":
                place = f"{resource.address.container}/{metadata.get('parent') or ''}"
            other = first.setdefault((word, place, name.casefold()), resource)
            if other is not resource:
                yield Breach(
                    resource,
                    ("spec", "displayName"),
                    f"{other.address} has the same display name",
                    "who looks at the console can not tell them apart"
                    + ("; the service wants names of pools to be unique" if word == "pool" else ""),
                    "choose another displayName",
                    other=("the other one stands at", other, ("spec", "displayName")),
                )


PATTERN = Option("pattern", "pattern", "", "What names must match; empty: every name is right.")
KINDS = Option(
    "kinds", "list of texts", ["workspace", "organization", "schema", "pool", "group"], "Kinds that are looked at."
)


def naming(desired: Desired, options: Options) -> Iterator[Breach]:
    """A name outside of the project's convention."""
    if not options.text("pattern"):
        return
    pattern = re.compile(options.text("pattern"))
    for word in options.texts("kinds"):
        for resource in desired.of(word):
            if not pattern.search(resource.address.name):
                yield Breach(
                    resource,
                    ("metadata", "name"),
                    f"the name {resource.address.name} does not match {options.text('pattern')}",
                    "the project has a convention for names",
                    "choose another name; metadata.previousNames makes it a rename",
                )


LABELS = Option("labels", "list of texts", [], "Labels that every document must have.", "shorter")
LABELLED = Option("kinds", "list of texts", ["pool"], "Kinds that are looked at; * for all.", "shorter")


def labels(desired: Desired, options: Options) -> Iterator[Breach]:
    """A document without a label that the project wants everywhere."""
    wanted = options.texts("labels")
    for word in options.texts("kinds") if wanted else ():
        for resource in desired.of(word):
            missing = [label for label in wanted if not as_map(resource.metadata.get("labels")).get(label)]
            if missing:
                yield Breach(
                    resource,
                    ("metadata", "labels"),
                    f"label{'' if len(missing) == 1 else 's'} missing: {', '.join(missing)}",
                    "the project wants every document of this kind to say so",
                    "add it under metadata.labels",
                )
