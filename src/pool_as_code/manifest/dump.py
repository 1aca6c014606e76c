"""Resources to manifests: which file each one goes to and the text of the files, always the same for the same resources.

    schemas/NAME.yaml   pools/NAME.yaml (a pool, then its groups)   workspaces/NAME.yaml   organizations/NAME.yaml
    users/POOL.yaml, users/POOL.2.yaml, ...    at most 1,000 users a file

Nothing is judged here: `holdable.py` has taken out what a manifest can not hold. No file is written here.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.diagnostics import Diagnostic, Severity
from ..core.values import JsonMap, JsonValue, as_map
from ..core.yaml import dump
from ..resources.registry import rank
from ..resources.state import Resource
from .holdable import document
from .layers.placeholders import has_placeholders, literal
from .order import in_order

USERS_PER_FILE = 1000

_FOLDERS = {"workspace": "workspaces", "organization": "organizations", "schema": "schemas", "pool": "pools"}


def write_manifests(
    resources: Iterable[Resource], *, users_per_file: int = USERS_PER_FILE
) -> tuple[dict[str, str], list[Diagnostic]]:
    """Relative path -> text, and what could not be written: values that no YAML file of ours can hold."""
    told: list[Diagnostic] = []
    files: dict[str, list[Resource]] = {}
    users: dict[str, int] = {}
    for resource in sorted(resources, key=_order):
        pool, number = resource.address.container, 0
        if resource.address.kind == "user":
            number = users[pool] = users.get(pool, 0) + 1
        files.setdefault(_path(resource, 1 + (number - 1) // users_per_file), []).append(resource)
    texts = {path: _text(declared, told) for path, declared in sorted(files.items())}
    return {path: text for path, text in texts.items() if text}, told


def _order(resource: Resource) -> tuple[int, str, str]:
    return rank()[resource.address.kind], resource.address.path.casefold(), resource.address.path


def _path(resource: Resource, number: int) -> str:
    """A pool's name has no dot, so that no other pool's users have this file."""
    address = resource.address
    if address.kind == "user":
        return f"users/{address.container}.yaml" if number == 1 else f"users/{address.container}.{number}.yaml"
    if address.kind == "group":
        return f"pools/{address.container}.yaml"
    return f"{_FOLDERS[address.kind]}/{address.name}.yaml"


def _text(resources: list[Resource], told: list[Diagnostic]) -> str:
    documents = [_document(resource) for resource in resources]
    try:
        return dump(documents)
    except ValueError:  # too deep, half a character: one of them has something that has to go
        pairs = zip(resources, documents, strict=True)
        return dump([kept for resource, document in pairs if (kept := _writable(resource, document, told)) is not None])


def _document(resource: Resource) -> JsonMap:
    """The document with its keys in order, every text meaning itself."""
    found = as_map(in_order(document(resource)))
    return as_map(literal(found)) if has_placeholders(found) else found


def _writable(resource: Resource, found: JsonMap, told: list[Diagnostic]) -> JsonMap | None:
    """The document without settings that the writer refuses; None where nothing is left of it."""
    kept = {key: value for key, value in resource.spec.items() if _can_be_written(value)}
    for key in resource.spec.keys() - kept.keys():
        summary = f"{key} is left out: no YAML file can hold a value in it"
        told.append(
            Diagnostic("PAC510", summary, Severity.WARN, hint="it stays as it is", address=str(resource.address))
        )
    result = {**found, "spec": {key: value for key, value in as_map(found.get("spec")).items() if key in kept}}
    if not _can_be_written(result):
        summary = "the whole object is left out: no YAML file can hold a value in it"
        told.append(Diagnostic("PAC510", summary, Severity.WARN, address=str(resource.address)))
        return None
    return result


def _can_be_written(value: JsonValue) -> bool:
    try:
        dump([{"spec": {"": value}}])
    except ValueError:
        return False
    return True
