"""Desired states from short texts: the documents of a YAML text, checked as a project would check them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from pool_as_code.core.address import Address
from pool_as_code.lint.config import effective
from pool_as_code.lint.desired import Desired
from pool_as_code.lint.run import Found, judge
from pool_as_code.manifest.check import check
from pool_as_code.manifest.project import Rule as Said
from pool_as_code.resources.registry import by_name
from pool_as_code.resources.state import Resource, State

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def state_of(text: str) -> State:
    """The documents of a text: `Kind NAME {metadata}` is written as `kind`, `metadata`, `spec` alone. Each is validated."""
    resources: list[Resource] = []
    for document in yaml.safe_load_all(text):
        kind = by_name()[document["kind"]]
        valid: dict[str, Any] = kind.adapter.validate_python({"apiVersion": "pool-as-code/v1", **document})
        metadata = valid["metadata"]
        path = f"{metadata['pool']}/{metadata['name']}" if kind.container else metadata["name"]
        resources.append(Resource(Address(kind.word, path), metadata, valid.get("spec") or {}))
    return State.made_of(resources)


def desired(
    text: str, around: str = "", *, protected: bool = False, bound: frozenset[Address] = frozenset()
) -> Desired:
    """What a text desires. Documents with errors are no examples."""
    state, other = state_of(text), state_of(around) if around else State()
    errors = [item for item in check(State({**other.resources, **state.resources})) if item.problem.severity == "error"]
    assert not errors
    return Desired(state, NOW, other, protected, bound)


def breaches(found: Desired, rule: str, **options: Any) -> list[Found]:
    """What one rule finds, with these options."""
    applied = effective({rule: Said("", options)})
    return list(judge(found, {rule: applied[rule]}))
