"""Diagnostics, reports, drift, runs and ids as JSON values and texts. The plan's own JSON form is made by `plan.codec`; here it
is only made fit for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable

import orjson

from ..core.address import Address
from ..core.diagnostics import Diagnostic, has_errors, in_order
from ..core.values import JsonMap, JsonValue
from ..plan.extent import Extent
from ..stores.base import RunRecord
from .drift import Drift, DriftEntry
from .escape import escape_json
from .report import ReportLike


def json_text(value: JsonValue) -> str:
    """Indented JSON with a line break at the end that any terminal can show. Lone surrogates, which have no UTF-8, become
    escapes, too."""
    try:
        return escape_json(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()) + "\n"
    except TypeError:
        return json.dumps(value, indent=2) + "\n"


def diagnostic_json(item: Diagnostic) -> JsonMap:
    """One diagnostic. Places count from 1; 0 or an empty text means that there is none."""
    at = item.location
    return {
        "code": item.code,
        "severity": item.severity.value,
        "summary": item.summary,
        "detail": item.detail,
        "hint": item.hint,
        "file": at.file if at else "",
        "line": at.line if at else 0,
        "column": at.column if at else 0,
        "address": item.address,
    }


def diagnostics_json(items: Iterable[Diagnostic]) -> JsonMap:
    """`{"valid": ..., "diagnostics": [...]}`, sorted by place."""
    found = in_order(items)
    return {"valid": not has_errors(found), "diagnostics": [diagnostic_json(item) for item in found]}


def report_json(report: ReportLike) -> JsonMap:
    """What an apply did."""
    return {
        "run": report.run_id,
        "state": report.state,
        "outcomes": [
            {
                "address": str(outcome.address),
                "action": outcome.action.value,
                "status": str(outcome.status),
                "reason": outcome.reason,
                "hint": outcome.hint,
                "unguarded": outcome.unguarded,
            }
            for outcome in report.outcomes
        ],
        "affected_pools": list(report.affected_pools),
        "next_step": report.next_step,
    }


def drift_json(drift: Drift) -> JsonMap:
    """Every field that differs, and what is gone. Secret values are null on both sides."""
    gone: list[JsonValue] = [str(address) for address in drift.gone]
    return {"drift": [_drift_entry(entry) for entry in drift.entries], "gone": gone}


def _drift_entry(entry: DriftEntry) -> JsonMap:
    return {
        "address": str(entry.address),
        "field": entry.field,
        "declared": None if entry.sensitive else entry.declared,
        "live": None if entry.sensitive else entry.live,
        "direction": entry.direction,
        "initial": entry.initial,
        "sensitive": entry.sensitive,
        "personal": entry.personal,
    }


def run_json(run: RunRecord) -> JsonMap:
    """One apply of the store's history."""
    return {
        "id": run.id,
        "project": run.owner.project,
        "environment": run.owner.environment,
        "plan_digest": run.plan_digest,
        "state": run.state,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "actor": run.actor,
        "summary": run.summary,
        "changes": list(run.changes),
    }


def ids_json(ids: Iterable[tuple[Address, str]]) -> JsonMap:
    """Address -> id in the store."""
    return {str(address): id for address, id in ids}


def extents_json(owned: Iterable[tuple[Address, str, Extent]]) -> JsonMap:
    """Address -> id in the store, and how many settings are managed of how many there are."""
    return {
        str(address): {"id": id, "managed": {"fields": extent.declared, "of": extent.settable}}
        for address, id, extent in owned
    }
