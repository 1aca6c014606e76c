"""What the product promises about speed, judged on one run's results. A goal whose contestants did not all run is not judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .contest import Phase, Result
from .startup import HELP, QUICKSTART


@dataclass(frozen=True, slots=True)
class Judged:
    """One goal: in words, what was measured, and whether that is enough. `bound` marks a figure that is at least this good,
    because a rival was ended by the time limit."""

    goal: str
    measured: str
    met: bool
    bound: bool = False


def judge(results: Sequence[Result]) -> list[Judged]:
    """All goals that these results can answer."""
    found = {(r.tool, r.phase, r.size): r for r in results}
    return [*_faster(found), *_large(found), *_starting(found)]


_Found = dict[tuple[str, str, int], Result]
_RIVALS = (
    ("octodns", Phase.PLAN_SAME, 10_000, 10),
    ("terraform", Phase.PLAN_SAME, 10_000, 30),
    ("terraform", Phase.PLAN_SAME, 1_000, 6),
    ("terraform", Phase.APPLY_NEW, 1_000, 50),
)
_TITLES = {"octodns": "octoDNS", "terraform": "Terraform"}


def _faster(found: _Found) -> Iterator[Judged]:
    for rival, phase, size, wanted in _RIVALS:
        ours, theirs = found.get(("pac", phase, size)), found.get((rival, phase, size))
        if ours is not None and theirs is not None and (theirs.cut_off or not theirs.problem):
            ratio = theirs.seconds / ours.seconds
            goal = f"{phase}, {size:,}: at least {wanted} times faster than {_TITLES[rival]}"
            yield Judged(goal, f"{ratio:.1f} times", ratio >= wanted, theirs.cut_off)


def _large(found: _Found) -> Iterator[Judged]:
    most = found.get(("pac", Phase.PLAN_SAME, 100_000))
    if most is None:
        return
    floor, tenth = found.get(("floor", Phase.PLAN_SAME, 100_000)), found.get(("pac", Phase.PLAN_SAME, 10_000))
    if floor is not None:
        ratio = most.seconds / floor.seconds
        yield Judged(f"{Phase.PLAN_SAME}, 100,000: at most 3 times the floor", f"{ratio:.2f} times", ratio <= 3)
    yield Judged(f"{Phase.PLAN_SAME}, 100,000: less than 700 MB", f"{most.peak_mb:.0f} MB", most.peak_mb < 700)
    if tenth is not None:
        ratio = most.seconds / tenth.seconds
        yield Judged(
            f"{Phase.PLAN_SAME}: 100,000 take at most 12 times as long as 10,000", f"{ratio:.1f} times", ratio <= 12
        )


def _starting(found: _Found) -> Iterator[Judged]:
    for phase, wanted in ((HELP, 0.150), (QUICKSTART, 0.500)):
        result = found.get(("pac", phase, 0))
        if result is not None:
            goal = f"{phase}: less than {wanted * 1000:.0f} ms"
            yield Judged(goal, f"{result.seconds * 1000:.0f} ms", result.seconds < wanted)
