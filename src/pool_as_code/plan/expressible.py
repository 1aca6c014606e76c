"""What of a manifest a store can express: fields that it has no place for are left out of the comparison, and told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..core.capabilities import Capabilities
from ..core.values import JsonMap, as_map
from ..resources.live import Observed
from ..resources.state import Resource


def inexpressible(capabilities: Capabilities, resource: Resource, live: Observed | None) -> Iterator[tuple[str, str]]:
    """Field path text and consequence of what a resource declares and its store has no field for. A live object that shows
    the field proves that there is one."""
    for path, consequence in capabilities.unsupported.get(resource.address.kind, {}).items():
        steps = path.split(".")
        if _has(resource.spec, steps) and not (live is not None and _has(live.spec, steps)):
            yield path, consequence


def expressible(capabilities: Capabilities, resource: Resource, live: Observed) -> Resource:
    """The resource without those fields; itself where there are none."""
    paths = [path.split(".") for path, _ in inexpressible(capabilities, resource, live)]
    if not paths:
        return resource
    spec = resource.spec
    for steps in paths:
        spec = _without(spec, steps)
    return replace(resource, spec=spec)


def has_no_place(capabilities: Capabilities, kind: str, path: str, live: JsonMap) -> bool:
    """Whether the store has no field for a path, as far as a live spec shows."""
    return path in capabilities.unsupported.get(kind, {}) and not _has(live, path.split("."))


def _has(spec: JsonMap, steps: list[str]) -> bool:
    here = spec
    for step in steps[:-1]:
        here = as_map(here.get(step))
    return steps[-1] in here


def _without(spec: JsonMap, steps: list[str]) -> JsonMap:
    rest = {key: value for key, value in spec.items() if key != steps[0]}
    if len(steps) > 1 and (inner := _without(as_map(spec[steps[0]]), steps[1:])):
        rest[steps[0]] = inner
    return rest
