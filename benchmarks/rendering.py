"""`python -m benchmarks.rendering`: what it costs to show a large plan, as a whole process (`pac show FILE --output FORM`) and as
the rendering alone. Beside each other: plans of which all changes read the same, of which each reads otherwise, and of which each
changes a JSON Schema, folded and with `--full`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from pool_as_code.core.address import Address
from pool_as_code.core.values import JsonValue
from pool_as_code.plan.codec import dumps
from pool_as_code.plan.model import Action, Change, FieldChange, Ownership, Plan, Target
from pool_as_code.render.environments import EnvironmentPlan
from pool_as_code.render.outputs import RENDERERS, Look, render

from .contestants.pac import clean_environ, command_of
from .process import measure

TARGET = Target("sqlite:///directory.db", "4c1d0c36-8a8e-4d5e-9a55-64fbb7a0a7f1", "p-bench", "bench", "default")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; the exit code is 1 when a command failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rendering", description="Measure showing large plans.")
    parser.add_argument("--changes", type=int, default=5_000, metavar="N", help="changes of each plan (default: 5000)")
    given = parser.parse_args(arguments)
    print(f"| {given.changes:,} changes | form | process | rendering | characters |")
    print("| --- | --- | ---: | ---: | ---: |")
    failed = False
    with tempfile.TemporaryDirectory(prefix="pac-bench-") as name:
        file = Path(name) / "big.plan"
        for words, plan in plans(given.changes):
            file.write_bytes(dumps(plan, indent=False))
            for form in RENDERERS:
                for full in (False, True) if form != "json" else (False,):
                    command = [command_of(), "show", str(file), "--output", form, *(["--full"] if full else [])]
                    whole = measure(command, Path(name), clean_environ(), 300)
                    if whole.code != 0:
                        print(f"failed: {' '.join(command)}: {whole.tail}", file=sys.stderr)
                        failed = True
                    seconds, text = rendered(plan, form, full)
                    shown = f"{form} --full" if full else form
                    print(
                        f"| {words} | {shown} | {whole.seconds:.2f} s | {seconds:.3f} s | {len(text):,} |", flush=True
                    )
    return int(failed)


def rendered(plan: Plan, form: str, full: bool) -> tuple[float, str]:
    """Seconds of one rendering in this process, and its text. The digest is made before, as reading a plan file does."""
    shown = EnvironmentPlan("default", plan, digest=plan.digest)
    before = time.perf_counter()
    text = render(form, [shown], Look(full=full))
    return time.perf_counter() - before, text


def plans(number: int) -> Iterator[tuple[str, Plan]]:
    """Plans of so many changed objects."""
    status = FieldChange(("status",), "new", "active")
    yield "all equal", a_plan(changed(f"user/customers/u{n}", status) for n in range(number))
    yield (
        "all different",
        a_plan(
            changed(f"pool/p{n}", FieldChange(("description",), f"before {n} {'x' * 100}", f"after {n}"))
            for n in range(number)
        ),
    )
    yield (
        "schemas, all different",
        a_plan(changed(f"schema/s{n}", FieldChange(("schema",), schema(n, 1), schema(n, 2))) for n in range(number)),
    )


def a_plan(changes: Iterator[Change]) -> Plan:
    """A plan for a directory of the benchmark's own."""
    return Plan(TARGET, tuple(changes))


def changed(address: str, field: FieldChange) -> Change:
    """An object of which one field changes."""
    return Change(Address.parse(address), Action.UPDATE, reason="it differs", fields=(field,), ownership=Ownership())


def schema(number: int, least: int) -> JsonValue:
    """A schema of ten properties."""
    properties: dict[str, JsonValue] = {f"p{n}": {"type": "string", "minLength": least} for n in range(10)}
    return {"type": "object", "title": f"schema {number}", "properties": properties}


if __name__ == "__main__":
    sys.exit(main())
