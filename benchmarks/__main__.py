"""`python -m benchmarks`: options, one contest a size, results written. The exit code is 1 when a contestant did not do its work;
goals that are missed are told and change nothing, since machines differ."""

from __future__ import annotations

import argparse
import importlib.metadata
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import report
from .contest import Contestant, Result, Rules, hold
from .contestants import octodns, terraform
from .contestants.floor import Floor
from .contestants.octodns import OctoDns
from .contestants.pac import Pac
from .contestants.terraform import Terraform
from .goals import judge
from .startup import start_ups

HERE = Path(__file__).parent
SIZES = (1_000, 10_000, 100_000)
RIVALS = ("octodns", "terraform")
START_UPS = 9


@dataclass(frozen=True, slots=True)
class Options:
    """What is measured and how often. `repeat` 0: as many times as suits the size."""

    sizes: tuple[int, ...]
    rivals: tuple[str, ...]
    repeat: int
    budget: float
    limit: float
    terraform_up_to: int
    into: Path

    def rules(self, size: int) -> Rules:
        """Medians of five up to 1,000 users, of three up to 10,000; once above."""
        usual = 5 if size <= 1_000 else 3 if size <= 10_000 else 1
        return Rules(self.repeat or usual, self.budget, self.limit)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, tell."""
    options = _options(arguments)
    results: list[Result] = []
    users: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="pac-bench-") as name:
        folder = Path(name)
        for size in options.sizes:
            contestants, users[size] = _line_up(folder / str(size), size, options)
            results += hold(size, contestants, options.rules(size), _tell)
        results += start_ups(folder, options.repeat or START_UPS, _tell)
    judged = judge(results)
    made = report.surroundings(_versions(options.rivals))
    table = report.to_markdown(made, users, results, judged)
    options.into.mkdir(parents=True, exist_ok=True)
    (options.into / "latest.json").write_text(report.to_json(made, users, results, judged), "utf-8")
    if options.into == HERE / "results":
        report.put_between_markers(HERE / "README.md", table)
    print(table)
    failed = [r for r in results if r.problem and not r.cut_off]
    for result in failed:
        print(f"failed: {result.tool}, {result.phase}, {result.size:,}: {result.problem}", file=sys.stderr)
    return 1 if failed else 0


def _line_up(folder: Path, size: int, options: Options) -> tuple[list[Contestant], float]:
    pac = Pac(folder / "pac", size)
    contestants: list[Contestant] = [pac, Floor(pac)]
    if "octodns" in options.rivals:
        contestants.append(OctoDns(folder / "octodns", size))
    program = terraform.binary()
    if "terraform" in options.rivals and program and size <= options.terraform_up_to:
        contestants.append(Terraform(folder / "terraform", size, program))
    return contestants, pac.bytes_a_user


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the product against others, in one run."
    )
    parser.add_argument(
        "--sizes", type=_numbers, default=SIZES, metavar="N,...", help="users (default: 1000,10000,100000)"
    )
    parser.add_argument("--quick", action="store_true", help="1,000 users only")
    parser.add_argument(
        "--rivals", default="all", metavar="none|octodns|terraform|all", help="beside whom (default: all there are)"
    )
    parser.add_argument(
        "--repeat", type=int, default=0, metavar="N", help="runs of each phase (default: 5, 3, 1 by size; start-ups 9)"
    )
    parser.add_argument(
        "--budget", type=float, default=60, metavar="S", help="a contestant is not repeated in a phase after this"
    )
    parser.add_argument("--limit", type=float, default=300, metavar="S", help="a run is ended after this")
    parser.add_argument(
        "--terraform-up-to", type=int, default=10_000, metavar="N", help="no Terraform above (default: 10000)"
    )
    parser.add_argument(
        "--into",
        type=Path,
        default=HERE / "results",
        metavar="DIR",
        help="folder of latest.json; the README only with the default",
    )
    given = parser.parse_args(arguments)
    rivals = _rivals(parser, given.rivals)
    sizes = (1_000,) if given.quick else given.sizes
    return Options(sizes, rivals, given.repeat, given.budget, given.limit, given.terraform_up_to, given.into)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number.replace("_", "")) for number in text.split(","))


def _rivals(parser: argparse.ArgumentParser, text: str) -> tuple[str, ...]:
    """Those that were asked for; of `all` those that are there, of a name it is an error when it is not there."""
    there = {"octodns": octodns.present(), "terraform": terraform.binary() is not None}
    if text == "none":
        return ()
    if text == "all":
        for name in (name for name in RIVALS if not there[name]):
            print(f"{name} is not there and takes no part", file=sys.stderr)
        return tuple(name for name in RIVALS if there[name])
    chosen = tuple(text.split(","))
    for name in chosen:
        if name not in there:
            parser.error(f"--rivals: there is no {name!r}")
        if not there[name]:
            parser.error(f"--rivals: {name} is not installed")
    return chosen


def _versions(rivals: Sequence[str]) -> dict[str, str]:
    found = {
        name: importlib.metadata.version(name) for name in ("pool-as-code", *(r for r in rivals if r == "octodns"))
    }
    program = terraform.binary()
    if "terraform" in rivals and program:
        said = subprocess.run([program, "version"], capture_output=True, text=True, check=False, timeout=60).stdout
        found["terraform"] = said.partition("\n")[0].removeprefix("Terraform v")
    return found


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
