"""Findings about security: what becomes weaker, and what a workspace does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.address import Address
from ...core.diagnostics import Severity
from ...core.values import as_map, as_texts
from ..model import Finding
from .context import Judged, finding


def weakened(judged: Judged) -> Iterator[Finding]:
    """Fields whose new value is weaker than the live one."""
    for change in judged.changes:
        names = [field.name for field in change.fields if field.weakens]
        if names:
            yield finding("weakens-security", Severity.WARN, f"weaker: {', '.join(names)}", change.address)


def gated_methods(judged: Judged) -> Iterator[Finding]:
    """A pool's method counts only where its workspace or organization allows it."""
    world = judged.world
    for resource in world.desired.of("pool"):
        if not world.in_target(resource.address):
            continue
        container = next((w for w in ("workspace", "organization") if w in resource.metadata), None)
        if container is None:
            continue
        allowed = _allowed(judged, Address(container, str(resource.metadata[container])))
        sign_in = as_map(resource.spec.get("signIn"))
        methods = [
            m
            for factor in ("firstFactor", "secondFactor")
            for m in as_texts(as_map(sign_in.get(factor)).get("methods"))
        ]
        refused = [method for method in methods if allowed is not None and method not in allowed]
        if refused:
            yield finding(
                "method-not-allowed",
                Severity.WARN,
                f"{', '.join(refused)}: not allowed by {container} {resource.metadata[container]}, so without effect",
                resource.address,
                next_step=f"add it to allowedMethods of the {container}, or remove it from the pool",
            )


def _allowed(judged: Judged, address: Address) -> list[str] | None:
    """The methods a workspace or organization allows: as declared, else as live; None when nobody knows."""
    world = judged.world
    resource = world.desired.get(address)
    if resource is not None and "allowedMethods" in resource.spec:
        return as_texts(resource.spec["allowedMethods"])
    observed = world.matches.observed(address)
    if observed is not None and "allowedMethods" in observed.spec:
        return as_texts(observed.spec["allowedMethods"])
    return None
