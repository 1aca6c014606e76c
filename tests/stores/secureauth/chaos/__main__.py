"""Many seeds of chaos, and their figures in a file: `python -m tests.stores.secureauth.chaos [--seeds N] [--from N] [--out FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
import traceback
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .story import MODES, Story, Teller, undisturbed

RESULT = Path("benchmarks/results/chaos.json")


def main(arguments: list[str]) -> int:
    """Tell the stories; 1 where one of them did not end well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args(arguments)
    memory = Path("/dev/shm")  # no disk: what matters here is not lost with it
    where = memory if os.access(memory, os.W_OK) else None
    stories: list[Story] = []
    failures: list[dict[str, Any]] = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=where) as folder:
        wanted, base = undisturbed(Path(folder))
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            with tempfile.TemporaryDirectory(dir=where) as own:
                teller = Teller(seed, Path(own), wanted, base)
                try:
                    stories.append(teller.tell())
                except KeyboardInterrupt:  # what was told so far is kept
                    chosen.seeds = seed - chosen.first
                    break
                except Exception as error:
                    failures.append({"seed": seed, "why": f"{type(error).__name__}: {error}"[:2000]})
                    sys.stderr.write(traceback.format_exc())
            sys.stderr.write(f"\r{seed - chosen.first + 1} of {chosen.seeds}, {len(failures)} failures ")
    sys.stderr.write("\n")
    text = json.dumps(figures(stories, failures, chosen.first, chosen.seeds, time.monotonic() - begun), indent=2)
    if chosen.out is not None:
        chosen.out.write_text(text + "\n", "utf-8")
    sys.stdout.write(text + "\n")
    return 1 if failures else 0


def figures(
    stories: list[Story], failures: list[dict[str, Any]], first: int, seeds: int, seconds: float
) -> dict[str, Any]:
    """What is kept of them."""
    faults: Counter[str] = sum((story.faults for story in stories), Counter())
    statuses: Counter[str] = sum((story.statuses for story in stories), Counter())
    refused: Counter[str] = sum((story.refused for story in stories), Counter())
    runs = [story.runs for story in stories]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "seeds": {"first": first, "number": seeds},
        "failures": failures,
        "stories": {mode: sum(1 for story in stories if story.mode == mode) for mode in MODES},
        "runs": {"all": sum(runs), "most in a story": max(runs, default=0), "killed": sum(s.killed for s in stories)},
        "runs that ended with an error": dict(sorted(refused.items())),
        "changes in disturbed and clean runs": dict(sorted(statuses.items())),
        "faults": {"all": sum(faults.values()), **dict(sorted(faults.items()))},
        "seconds": round(seconds),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
