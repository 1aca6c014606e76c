"""What a command costs before it works: the help, and a plan without changes of `examples/quickstart`."""

from __future__ import annotations

import compileall
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pool_as_code

from .contest import Job, Result, run_once
from .contestants.pac import NAME, clean_environ, command_of
from .process import measure

HELP, QUICKSTART, PYTHON = "pac --help", "quickstart, plan no change", "python -c pass"
_EXAMPLE = Path(__file__).parents[1] / "examples" / "quickstart"


def start_ups(folder: Path, repeat: int, tell: Callable[[str], None]) -> list[Result]:
    """Each `repeat` times, in turns; beside them the interpreter alone."""
    environ = {**clean_environ(), "ADA_PASSWORD": "correct-Horse-7-battery"}
    compileall.compile_dir(str(Path(pool_as_code.__file__).parent), quiet=1)  # as installing a package does
    shop = folder / "quickstart"
    shutil.copytree(_EXAMPLE, shop, ignore=shutil.ignore_patterns(".pool-as-code"))
    jobs = {
        PYTHON: Job([sys.executable, "-c", "pass"], shop, environ),
        HELP: Job([command_of(), "--help"], shop, environ, says="Commands:"),
        QUICKSTART: Job([command_of(), "plan", "--detailed-exitcode"], shop, environ, says="Nothing to do"),
    }
    applied = measure([command_of(), "apply", "--yes"], shop, environ, 120)
    if applied.code != 0:
        raise RuntimeError(f"the quickstart can not be applied: {applied.tail}")
    results = {phase: Result("python" if phase == PYTHON else NAME, phase, 0) for phase in jobs}
    for job in jobs.values():  # once to warm the caches, not counted
        measure(job.command, job.cwd, job.environ, 120)
    for _ in range(repeat):
        for phase, job in jobs.items():
            run_once(job, results[phase], 120)
    for result in results.values():
        tell(
            f"           {result.phase:<28} {result.seconds:8.3f} s  {result.peak_mb:6.0f} MB  ({len(result.runs)} runs)"
        )
    return list(results.values())
