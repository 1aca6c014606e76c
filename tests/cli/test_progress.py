"""Progress: one line on a terminal, drawn seldom, erased before anything else and at the end; nothing anywhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.cli.console import Console
from pool_as_code.cli.progress import PATIENCE, ProgressLine, progress_text
from pool_as_code.core.progress import listening, tell, told
from pool_as_code.render.layout import columns
from tests.cli.shop import Shop
from tests.render.hostile import TEXTS, assert_harmless

ERASE = "\r\x1b[K"


class Terminal:
    """What was written, and a clock that is turned by hand."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.now = 100.0
        self.line = ProgressLine(self.written.append, lambda: self.now)

    def later(self, seconds: float, done: int, at: str = "pool/customers") -> None:
        self.now += seconds
        self.line("applying", done, 5000, at)


def test_short_work_draws_nothing() -> None:
    terminal = Terminal()
    for done in range(100):
        terminal.later(PATIENCE / 200, done)
    terminal.line.erase()
    assert terminal.written == []


def test_long_work_is_drawn_over_itself_and_seldom() -> None:
    terminal = Terminal()
    for done in range(1000):
        terminal.later(0.01, done)
    assert 80 <= len(terminal.written) <= 100
    assert all(text.startswith(ERASE) and "\n" not in text for text in terminal.written)
    assert terminal.written[-1].startswith(f"{ERASE}applying 9")
    assert "of 5,000  0:09, 10" in terminal.written[-1]


def test_it_is_erased_once_and_comes_back() -> None:
    terminal = Terminal()
    terminal.later(0, 1)
    terminal.later(1, 2)
    terminal.line.erase()
    terminal.line.erase()
    assert terminal.written[1:] == [ERASE]
    terminal.later(1, 3)
    assert len(terminal.written) == 3


def test_other_work_has_its_own_time() -> None:
    terminal = Terminal()
    terminal.line("reading", 0, 10, "a.yaml")
    terminal.now += 10
    terminal.line("hashing", 0, 10, "")
    assert terminal.written == []


@pytest.mark.parametrize(
    ("done", "seconds", "at", "text"),
    [
        (1200, 12.0, "user/customers/ada", "applying 1,200 of 5,000  0:12, 100/s  user/customers/ada"),
        (2, 90.0, "pool/p", "applying 2 of 5,000  1:30, 1/min  pool/p"),
        (0, 1.0, "pool/p", "applying 0 of 5,000  0:01  pool/p"),
        (1200, 12.0, "user/customers/" + "x" * 100, "applying 1,200 of 5,000  0:12, 100/s  ..." + "x" * 38),
    ],
)
def test_the_line_says_how_far_how_long_how_fast_and_where(done: int, seconds: float, at: str, text: str) -> None:
    assert progress_text("applying", done, 5000, at, seconds, 79) == text


@given(TEXTS, st.integers(0, 200))
def test_the_line_fits_the_terminal_and_is_harmless(at: str, width: int) -> None:
    text = progress_text("applying", 1, 2, at, 3.0, width)
    assert columns(text) <= width
    assert_harmless(text)
    assert "\n" not in text


def test_work_without_a_listener_goes_on_unheard() -> None:
    assert list(told("reading", ["a", "b"], 2, str)) == ["a", "b"]
    tell("reading", 1, 2)


def test_a_listener_hears_of_each_thing_while_it_listens() -> None:
    heard: list[tuple[str, int, int, str]] = []
    with listening(lambda *how: heard.append(how)):
        assert list(told("reading", ["a", "b"], 2, str)) == ["a", "b"]
    tell("reading", 9, 9)
    assert heard == [("reading", 0, 2, "a"), ("reading", 1, 2, "b")]


def test_an_apply_tells_of_reading_hashing_and_every_change(shop: Shop) -> None:
    heard: list[tuple[str, int, int, str]] = []
    with listening(lambda *how: heard.append(how)):
        assert shop.pac("apply", "--yes").exit_code == 0
    assert heard[0] == ("reading", 0, 1, "manifests/all.yaml")
    assert ("hashing", 0, 1, "") in heard
    applied = [how for how in heard if how[0] == "applying"]
    assert [how[1:3] for how in applied] == [(1, 3), (2, 3), (3, 3)]
    assert applied[0][3] == "pool/customers"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress without patience, on a terminal."""
    monkeypatch.setattr("pool_as_code.cli.progress.PATIENCE", 0)
    monkeypatch.setattr("pool_as_code.cli.progress.PAUSE", 0)
    monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}], ids=["colour", "no-colour"])
def test_on_a_terminal_no_trace_is_left_and_no_line_is_mixed(shop: Shop, environ: dict[str, str]) -> None:
    result = shop.pac("apply", "--yes", "--no-transaction", environ=environ)
    drawn = result.stderr.split(ERASE)
    assert len(drawn) > 4
    assert drawn[-1].count("applying") == drawn[-1].count("reading") == 0
    for before in drawn[:-1]:
        assert not before or before.endswith("\n") or before.startswith(("reading", "hashing", "applying"))
    assert ERASE not in result.stdout
    assert [line for line in result.stdout.splitlines() if " of 3" in line] == []


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("environ", [{"CI": "true"}, {"TERM": "dumb"}])
def test_there_is_none_in_ci_and_on_a_terminal_that_can_not_erase(shop: Shop, environ: dict[str, str]) -> None:
    assert ERASE not in shop.pac("apply", "--yes", environ=environ).stderr


def test_there_is_none_where_nobody_looks(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pool_as_code.cli.progress.PATIENCE", 0)
    assert ERASE not in shop.pac("apply", "--yes", environ={"FORCE_COLOR": "1"}).stderr


def test_an_error_erases_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)
    written: list[str] = []
    monkeypatch.setattr(Console, "_draw", lambda self, text: written.append(text))
    console = Console({})

    def work() -> None:
        with console.working():
            console._progress._clock = iter([0.0, 1.0]).__next__
            tell("reading", 0, 2)
            tell("reading", 1, 2, "a.yaml")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert written[-1] == ERASE
