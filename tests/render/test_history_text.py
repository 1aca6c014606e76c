"""Runs, tables and diagnostics in their machine form."""

import json

from pool_as_code.core.address import Address
from pool_as_code.core.diagnostics import Diagnostic, Location, Severity
from pool_as_code.render.history import history_text, run_text
from pool_as_code.render.json import diagnostics_json, ids_json, json_text, run_json
from pool_as_code.render.table import table_text
from pool_as_code.resources.live import Owner
from pool_as_code.stores.base import RunRecord
from tests.golden import Golden

RUN = RunRecord(
    "3f9c2a7d",
    Owner("p-7f3a", "dev"),
    "5e1f" * 16,
    "partly",
    "2026-11-23T12:00:00Z",
    "2026-11-23T12:00:02Z",
    "ada@host",
    {"applied": 2, "failed": 1},
    (
        {"address": "pool/customers", "action": "create", "status": "applied", "reason": ""},
        {"address": "user/customers/ada", "action": "create", "status": "failed", "reason": "the identifier is taken"},
    ),
)
RUNNING = RunRecord("77", Owner("p-7f3a", "prod"), "", "running", "2026-11-23T13:00:00Z")


def test_the_history_reads_as_its_golden_text(golden: Golden) -> None:
    golden("golden/history.txt", history_text([RUNNING, RUN]))
    golden("golden/run.txt", run_text(RUN))
    golden("golden/run.json", json_text(run_json(RUN)))


def test_no_history_is_one_sentence() -> None:
    assert history_text([]) == "No apply was recorded here yet.\n"


def test_cells_of_a_table_are_harmless_and_aligned() -> None:
    text = table_text(("A", "B"), [("漢字", "x"), ("a\x1b[2J\n", "y")])
    assert text == "A           B\n漢字        x\na\\x1b[2J\\n  y\n"


def test_ids_are_a_map_from_address_to_id() -> None:
    assert ids_json([(Address("pool", "customers"), "c67e")]) == {"pool/customers": "c67e"}


def test_diagnostics_keep_place_code_and_order() -> None:
    found = diagnostics_json(
        [
            Diagnostic("PAC2", "later", location=Location("b.yaml", 3, 1)),
            Diagnostic("PAC1", "earlier", Severity.WARN, "detail", "hint", Location("a.yaml", 9, 2), "pool/p"),
        ]
    )
    assert found["valid"] is False
    assert [item["summary"] for item in found["diagnostics"]] == ["earlier", "later"]  # type: ignore[union-attr,index,call-overload]
    assert json.loads(json_text(found)) == found


def test_warnings_alone_are_valid() -> None:
    assert diagnostics_json([Diagnostic("PAC1", "careful", Severity.WARN)])["valid"] is True


def test_json_of_any_text_is_harmless_and_means_the_same() -> None:
    for text in ("\x1b\x9b\u202e\u2028\U000e0041é", "lone \ud800 surrogate"):
        shown = json_text({"text": text})
        assert json.loads(shown) == {"text": text}
        assert not [c for c in shown if c != "\n" and not c.isprintable()]
