"""Many calls, a few at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pool_as_code.stores.secureauth import parallel
from pool_as_code.stores.secureauth.pace import AT_ONCE
from pool_as_code.stores.secureauth.parallel import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads()
    yield made
    made.close()
    made.close()


def test_results_come_in_the_order_of_the_things_and_never_more_than_eight_at_once(threads: Threads) -> None:
    running, most = [0], [0]
    lock = threading.Lock()
    together = threading.Barrier(AT_ONCE)

    def call(number: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        if number < AT_ONCE:
            together.wait(5)
        with lock:
            running[0] -= 1
        return number * 2

    assert threads.each(call, range(100)) == [number * 2 for number in range(100)]
    assert most == [AT_ONCE]


def test_after_an_error_no_call_begins_and_those_that_have_begun_are_waited_for(threads: Threads) -> None:
    begun: list[int] = []
    ended: list[int] = []
    failed = threading.Event()

    def call(number: int) -> None:
        begun.append(number)
        if number == 0:
            failed.set()
            raise OSError("the first one")
        failed.wait(5)
        threading.Event().wait(0.05)
        ended.append(number)

    with pytest.raises(OSError, match="the first one"):
        threads.each(call, range(100))
    assert len(begun) <= 2 * AT_ONCE
    assert sorted(begun) == sorted([0, *ended])


def test_who_waits_does_something_meanwhile_and_its_error_stops_all(
    threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_SECONDS", 0.001)
    looked = threading.Event()
    begun: list[int] = []

    def call(number: int) -> None:
        begun.append(number)
        looked.wait(5)

    threads.each(call, range(20), meanwhile=looked.set)
    assert len(begun) == 20

    def lost() -> None:
        looked.set()
        raise ValueError("the lease was lost")

    looked.clear()
    begun.clear()
    with pytest.raises(ValueError, match="the lease was lost"):
        threads.each(call, range(20_000), meanwhile=lost)
    assert len(begun) < 20_000
