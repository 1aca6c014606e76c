"""The benchmark of applying over HTTP runs from end to end on few users. No time is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.http import APPLY, BARE, PLAN, STAND_IN, Sent, _jobs, main


def test_a_small_run_measures_the_apply_beside_a_bare_loop_of_what_it_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "http.json"
    main(["--users", "7", "--pools", "2", "--repeat", "1", "--into", str(kept)])  # its code tells of the goal
    said = capsys.readouterr().out
    assert said.count("bare loop of these requests") == 2
    results = {(one["server"], one["what"]): one for one in json.loads(kept.read_text("utf-8"))["results"]}
    assert len(results) == 6
    assert results[STAND_IN, APPLY]["requests"] == results[STAND_IN, BARE]["requests"] > 7
    assert results[STAND_IN, PLAN]["requests"] >= 2 * 7


def test_the_bare_loop_keeps_a_user_and_its_groups_together_and_records_in_their_order() -> None:
    def sent(main: bool, method: str, path: str, content: bytes | None = None) -> Sent:
        return Sent(main, method, path, {}, content, 0.0, 0.0, 0.0)

    pool = sent(True, "PUT", "/pools/p")
    ada, bob = (sent(False, "POST", "/pools/p/users", b'{"id":"%s"}' % name) for name in (b"ada", b"bob"))
    staff = sent(False, "PUT", "/pools/p/groups/staff/users/ada")
    read = sent(True, "GET", "/pools/p")
    ready, jobs = _jobs([pool, ada, bob, staff, read, pool])
    assert ready == [pool]
    assert [jobs.get_nowait() for _ in range(jobs.qsize())] == [[ada, staff], [bob], [read, pool]]
