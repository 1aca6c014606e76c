"""Findings in protected environments."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.diagnostics import Severity
from ...core.values import as_map
from ..model import Finding
from .context import Judged, finding


def test_objects(judged: Judged) -> Iterator[Finding]:
    """What is there to try something has no place where people sign in."""
    if not judged.world.protected:
        return
    for resource in judged.world.desired:
        purpose = as_map(resource.metadata.get("labels")).get("purpose")
        leaving = resource.metadata.get("state", "present") != "present"
        if purpose == "test" and not leaving and judged.world.in_target(resource.address):
            yield finding(
                "test-in-protected",
                Severity.BLOCK,
                f"it is labelled purpose: test, and environment {judged.world.target.environment} is protected",
                resource.address,
                next_step="declare it in a folder of another environment, or remove the label",
            )
