"""`python -m benchmarks.customers`: one CSV file that declares thousands of customers (an organization, a pool that extends a base
and refers to a schema, three groups, an admin each) beside the same documents written out, in one run, on directories that hold
them already. Growth is told from the smallest number to the largest."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from .contestants.pac import clean_environ, command_of
from .process import Measured, measure
from .report import surroundings

HERE = Path(__file__).parent
SIZES = (1_000, 10_000)
OBJECTS = 6  # of one customer
LIMIT = 600.0  # seconds of one process
ROWS, WRITTEN = "rows", "written out"
VALIDATE, SAME = "validate", "plan, no change"
_COMMANDS = {VALIDATE: ("validate",), SAME: ("plan", "--detailed-exitcode")}

_PROJECT = "apiVersion: pool-as-code/v1\nkind: Project\nid: p-bench00000000001\nname: Customers\n"
_BASE = """\
apiVersion: pool-as-code/v1
kind: Schema
metadata: {name: staff}
spec:
  displayName: Staff
  schema:
    type: object
    properties:
      first_name: {type: string, minLength: 1}
      last_name: {type: string}
    required: [first_name]
---
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata: {name: base, abstract: true}
spec:
  signIn:
    firstFactor: {methods: [password, email_otp], preferred: password}
    secondFactor: {methods: [totp], preferred: totp}
  registrationModes: {selfRegistration: false, adminInitiated: true}
  passwordPolicy: {minLength: 12, digits: 1, history: 5}
  schemas: {profile: staff}
---
apiVersion: pool-as-code/v1
kind: ForEach
metadata: {name: customers}
spec:
  source: {file: customers.csv}
  documents:
    - apiVersion: pool-as-code/v1
      kind: Organization
      metadata: {name: "${row.slug}"}
      spec: {displayName: "${row.title}", domains: ["${row.domain}"]}
    - apiVersion: pool-as-code/v1
      kind: IdentityPool
      metadata: {name: "${row.slug}-users", organization: "${row.slug}", extends: base}
      spec: {displayName: "${row.title}"}
    - apiVersion: pool-as-code/v1
      kind: Group
      metadata: {name: admins, pool: "${row.slug}-users"}
      spec: {displayName: "Admins of ${row.title}"}
    - apiVersion: pool-as-code/v1
      kind: Group
      metadata: {name: staff, pool: "${row.slug}-users"}
    - apiVersion: pool-as-code/v1
      kind: Group
      metadata: {name: guests, pool: "${row.slug}-users"}
    - apiVersion: pool-as-code/v1
      kind: User
      metadata: {name: admin, pool: "${row.slug}-users"}
      spec:
        status: active
        identifiers: [{email: "admin@${row.domain}"}]
        profile: {first_name: "${row.first_name}"}
        groups: [admins]
"""


@dataclass(slots=True)
class Timed:
    """One contestant in one phase: its runs."""

    contestant: str
    phase: str
    customers: int
    runs: list[Measured] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """The median of wall times."""
        return median(run.seconds for run in self.runs)

    @property
    def peak_mb(self) -> float:
        """The largest peak."""
        return max(run.peak_mb for run in self.runs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, tell. The exit code is 1 when a command did not do its work."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customers", description="Measure ForEach over a CSV.")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), metavar="N,...", help="numbers of customers")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="runs of each phase (default: 3)")
    parser.add_argument("--into", type=Path, default=HERE / "results", metavar="DIR", help="folder of customers.json")
    given = parser.parse_args(arguments)
    sizes = [int(text) for text in given.sizes.split(",")]
    timed: list[Timed] = []
    with tempfile.TemporaryDirectory(prefix="pac-bench-") as name:
        for size in sizes:
            timed += _measured(Path(name) / str(size), size, given.repeat)
    failed = [one for one in timed if any(run.code != 0 for run in one.runs)]
    for one in failed:
        print(f"failed: {one.contestant}, {one.phase}, {one.customers:,}: {one.runs[-1].tail}", file=sys.stderr)
    text = "\n".join([*_table(timed), "", *_goals(timed, sizes)])
    print(text)
    given.into.mkdir(parents=True, exist_ok=True)
    (given.into / "customers.json").write_text(_json(timed), "utf-8")
    return 1 if failed else 0


def _measured(folder: Path, size: int, repeat: int) -> list[Timed]:
    """Both contestants, in turns, on directories with the same objects."""
    rows, written = folder / "rows", folder / "written"
    _write_rows(rows, size)
    _must(measure([command_of(), "apply", "--yes"], rows, clean_environ(), LIMIT))
    _write_out(rows, written)
    found = [Timed(name, phase, size) for phase in _COMMANDS for name in (ROWS, WRITTEN)]
    for _ in range(repeat):
        for one in found:
            place = rows if one.contestant == ROWS else written
            one.runs.append(measure([command_of(), *_COMMANDS[one.phase]], place, clean_environ(), LIMIT))
    for one in found:
        print(
            f"{one.customers:8,} {one.contestant:<12} {one.phase:<16} {one.seconds:7.2f} s {one.peak_mb:6.0f} MB",
            file=sys.stderr,
        )
    return found


def _must(run: Measured) -> None:
    if run.code != 0:
        raise RuntimeError(f"the preparation failed: {run.tail}")


def _write_rows(folder: Path, size: int) -> None:
    (folder / "manifests").mkdir(parents=True)
    (folder / "pool-as-code.yaml").write_text(_PROJECT, "utf-8")
    (folder / "manifests" / "customers.yaml").write_text(_BASE, "utf-8")
    lines = (f"org{n:05},Customer No. {n},c{n}.example.com,Ada {n}\n" for n in range(size))
    (folder / "manifests" / "customers.csv").write_text("slug,title,domain,first_name\n" + "".join(lines), "utf-8")


def _write_out(rows: Path, written: Path) -> None:
    """The same effective documents as plain manifests, and the same directory."""
    (written / "manifests").mkdir(parents=True)
    shutil.copy(rows / "pool-as-code.yaml", written)
    shutil.copytree(rows / ".pool-as-code", written / ".pool-as-code")
    with (written / "manifests" / "all.yaml").open("wb") as file:
        subprocess.run(
            [command_of(), "render", "--no-origins"],
            cwd=rows,
            env=clean_environ(),
            stdout=file,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def _table(timed: Sequence[Timed]) -> Iterator[str]:
    yield "| customers | objects | phase | from rows | written out | rows / written | peak from rows |"
    yield "| ---: | ---: | --- | ---: | ---: | ---: | ---: |"
    for rows, written in zip(timed[::2], timed[1::2], strict=True):
        ratio = rows.seconds / written.seconds
        cells = (
            f"{rows.customers:,}",
            f"{rows.customers * OBJECTS + 1:,}",
            rows.phase,
            f"{rows.seconds:.2f} s",
            f"{written.seconds:.2f} s",
            f"{ratio:.2f}",
            f"{rows.peak_mb:.0f} MB",
        )
        yield f"| {' | '.join(cells)} |"


def _goals(timed: Sequence[Timed], sizes: Sequence[int]) -> Iterator[str]:
    found = {(one.contestant, one.phase, one.customers): one for one in timed}
    most, least = max(sizes), min(sizes)
    validate, plan = found[ROWS, VALIDATE, most], found[ROWS, SAME, most]
    ratio = plan.seconds / found[WRITTEN, SAME, most].seconds
    growth = plan.seconds / found[ROWS, SAME, least].seconds
    yield f"{most:,} customers: validate {validate.seconds:.1f} s (goal: under 20), no-change plan {ratio:.2f} times that"
    yield f"of the same objects written out (goal: at most 3), {plan.peak_mb:.0f} MB (goal: under 1,000);"
    yield f"{most / least:.0f} times the customers of {least:,} take {growth:.1f} times as long."


def _json(timed: Sequence[Timed]) -> str:
    results = [
        {
            "contestant": one.contestant,
            "phase": one.phase,
            "customers": one.customers,
            "seconds": round(one.seconds, 4),
            "peak_mb": round(one.peak_mb, 1),
            "runs": [round(run.seconds, 4) for run in one.runs],
        }
        for one in timed
    ]
    return json.dumps({"made": surroundings({}), "results": results}, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
