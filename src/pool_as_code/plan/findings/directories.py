"""Findings about where a pool's users can sign in."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.diagnostics import Severity
from ...core.values import as_map
from ..match import container_of
from ..model import Action, Finding
from .context import Judged, finding


def admitted_nowhere(judged: Judged) -> Iterator[Finding]:
    """A new pool of the tenant itself that no workspace admits. Pools without sign-in methods are not meant for people."""
    for change in judged.changes:
        if change.address.kind != "pool" or change.action is not Action.CREATE or change.after is None:
            continue
        metadata, spec = as_map(change.after["metadata"]), as_map(change.after["spec"])
        factor = as_map(as_map(spec.get("signIn")).get("firstFactor"))
        for_people = "signIn" in spec and factor.get("methods") != []
        if for_people and container_of(metadata, {}) is None and not spec.get("signInAt"):
            yield finding(
                "admitted-nowhere",
                Severity.WARN,
                "no workspace admits its users, so nobody can sign in with it",
                change.address,
                next_step="declare signInAt: [WORKSPACE], or metadata.workspace",
            )
