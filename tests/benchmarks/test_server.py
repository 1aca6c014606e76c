"""The benchmark of the server runs from end to end on few requests. No time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_small_run_measures_the_server_beside_an_empty_handler(tmp_path: Path) -> None:
    kept = tmp_path / "server.json"
    command = [sys.executable, "-m", "benchmarks.server", "--count", "40", "--rounds", "1", "--into", str(kept)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    for name in ("empty handler", "get user", "by_key", "password verify", "hash alone"):
        assert name in done.stdout
    assert len(json.loads(kept.read_text("utf-8"))["results"]) == 4
