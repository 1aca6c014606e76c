"""Results as JSON (everything) and as Markdown (what people compare)."""

from __future__ import annotations

import datetime
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .contest import Phase, Result
from .goals import Judged

BEGIN, END = "<!-- figures: begin (written by `make bench`) -->", "<!-- figures: end -->"
_TOOLS = {"pac": "pac", "octodns": "octoDNS", "terraform": "Terraform", "floor": "floor"}


def surroundings(versions: Mapping[str, str]) -> dict[str, Any]:
    """Where and with what it was measured; the load says how much to trust seconds."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "versions": dict(versions),
    }


def to_json(
    made: Mapping[str, Any], users: Mapping[int, float], results: Iterable[Result], judged: Iterable[Judged]
) -> str:
    """The whole of a run. `users` maps a size to the mean bytes of a user's document."""
    document = {
        "made": made,
        "inputs": [{"users": size, "bytes_a_user": round(mean, 1)} for size, mean in users.items()],
        "results": [_result(result) for result in results],
        "goals": [{"goal": j.goal, "measured": j.measured, "at_least": j.bound, "met": j.met} for j in judged],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _result(result: Result) -> dict[str, Any]:
    return {
        "tool": result.tool,
        "phase": result.phase,
        "users": result.size,
        "seconds": round(result.seconds, 4),
        "processor_seconds": round(result.processor, 4),
        "peak_mb": round(result.peak_mb, 1),
        "output_bytes": result.runs[-1].output_bytes,
        "runs": [round(run.seconds, 4) for run in result.runs],
        "cut_off": result.cut_off,
        "problem": result.problem,
    }


def to_markdown(
    made: Mapping[str, Any], users: Mapping[int, float], results: Sequence[Result], judged: Sequence[Judged]
) -> str:
    """The tables of the README."""
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    sizes = ", ".join(f"{mean:.0f} bytes at {size:,}" for size, mean in users.items())
    lines = [
        f"{made['date']}, {made['platform']}, {made['cores']} cores (load {made['load']} at the end), {versions}.",
        f"A user's document has {sizes}." if sizes else "",
        "",
        *_contest(results),
        "",
        *_start_ups(results),
        "",
        *_goals(judged),
    ]
    return "\n".join(lines).strip() + "\n"


def _contest(results: Sequence[Result]) -> list[str]:
    found = {(r.size, r.phase, r.tool): r for r in results}
    tools = [tool for tool in _TOOLS if any(r.tool == tool and r.size for r in results)]
    lines = [
        "| users | | " + " | ".join(_TOOLS[tool] for tool in tools) + " |",
        "| ---: | --- |" + " ---: |" * len(tools),
    ]
    for size in sorted({r.size for r in results if r.size}):
        for phase in Phase:
            ours = found.get((size, phase, "pac"))
            cells = [_cell(found.get((size, phase, tool)), ours) for tool in tools]
            lines.append(f"| {size:,} | {phase} | " + " | ".join(cells) + " |")
    return lines if tools else []


def _cell(result: Result | None, ours: Result | None) -> str:
    if result is None:
        return ""
    if result.problem and not result.cut_off:
        return "failed"
    ratio = ""
    if ours is not None and result is not ours:
        ratio = f", **{_short(result.seconds / ours.seconds)}x**"
    return f"{'> ' if result.cut_off else ''}{_short(result.seconds)} s, {result.peak_mb:.0f} MB{ratio}"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 20 else f"{number:.1f}" if number >= 2 else f"{number:.2f}"


def _start_ups(results: Sequence[Result]) -> list[str]:
    rows = [r for r in results if not r.size]
    if not rows:
        return []
    lines = ["| start-up | median | peak |", "| --- | ---: | ---: |"]
    return lines + [f"| {r.phase} | {r.seconds * 1000:.0f} ms | {r.peak_mb:.0f} MB |" for r in rows]


def _goals(judged: Sequence[Judged]) -> list[str]:
    if not judged:
        return []
    lines = ["| goal | measured | |", "| --- | ---: | --- |"]
    for one in judged:
        bound = "more than " if one.bound else ""
        lines.append(f"| {one.goal} | {bound}{one.measured} | {'pass' if one.met else '**fail**'} |")
    return lines


def put_between_markers(readme: Path, text: str) -> None:
    """Replace what stands between the two markers of a file; raises ValueError when they are not there."""
    before, begin, rest = readme.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme} lacks the markers of the figures")
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", "utf-8")
