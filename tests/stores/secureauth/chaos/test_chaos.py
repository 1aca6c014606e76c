"""Whatever the network, a gateway or a kill does to applies over HTTP, a clean run afterwards ends where undisturbed ones end. More
seeds: `make chaos`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.stores.secureauth.chaos.faults import Fault, Plan
from tests.stores.secureauth.chaos.story import Teller, undisturbed

SEEDS = 25


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    return undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_chaos_a_clean_run_ends_where_an_undisturbed_one_ends(
    seed: int, wanted: tuple[dict[str, Any], Path], tmp_path: Path
) -> None:
    content, base = wanted
    story = Teller(seed, tmp_path, content, base).tell()
    assert story.runs > 1
    assert story.faults or story.killed


def test_the_same_seed_brings_the_same_faults() -> None:
    one, other, third = Plan(7), Plan(7), Plan(8)
    asked = [("GET", f"/api/{n % 10}") for n in range(400)]
    seen = [[plan.next(*request)[0] for request in asked] for plan in (one, other, third)]
    assert seen[0] == seen[1] != seen[2]
    assert one.injected == other.injected


def test_every_fault_is_met_within_the_seeds_of_make_chaos() -> None:
    met: set[Fault] = set()
    for seed in range(60):
        plan = Plan(seed)
        for number in range(40):
            plan.next("GET", f"/api/{number}")
        met |= plan.injected.keys()
    assert met == set(Fault)
