from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.resources import password_policy
from pool_as_code.resources.password_policy import STRENGTHS, check_password, is_special, rate_strength

COUNTS = {"minLength": 12, "lowercaseLetters": 2, "capitalLetters": 1, "digits": 3, "specialCharacters": 1}


def test_a_password_that_meets_every_rule_has_no_problem() -> None:
    assert check_password("Sunny-Meadow-42-9-x", COUNTS | {"strength": "strong"}) == []


def test_every_broken_rule_is_one_sentence() -> None:
    assert check_password("-", COUNTS | {"specialCharacters": 2}) == [
        "The password needs at least 12 characters.",
        "The password needs at least 2 lower case letters.",
        "The password needs at least 1 capital letter.",
        "The password needs at least 3 digits.",
        "The password needs at least 2 special characters.",
    ]


@pytest.mark.parametrize(
    "policy", [{}, {"minLength": 0, "strength": "any"}, {"minLength": None, "strength": None}, {"history": 5}]
)
def test_rules_that_are_absent_or_zero_ask_for_nothing(policy: dict[str, object]) -> None:
    assert check_password("a", policy) == []


def test_an_empty_password_is_refused_by_any_policy() -> None:
    assert check_password("", {}) == ["The password is empty."]


def test_an_accented_letter_counts_once_however_it_was_typed() -> None:
    assert check_password("e\N{COMBINING ACUTE ACCENT}", {"minLength": 2}) != []
    assert check_password("e\N{COMBINING ACUTE ACCENT}", {"lowercaseLetters": 1, "minLength": 1}) == []


def test_characters_outside_the_basic_plane_count_once() -> None:
    assert check_password("\N{CLOSED LOCK WITH KEY}" * 3, {"minLength": 4}) != []
    assert check_password("\N{CLOSED LOCK WITH KEY}" * 4, {"minLength": 4, "specialCharacters": 4}) == []


def test_letters_and_digits_of_other_scripts_count() -> None:
    policy = {"lowercaseLetters": 1, "capitalLetters": 1, "digits": 1}
    assert check_password("\u0416\u0436\u0663", policy) == []


def test_all_ascii_punctuation_is_special_and_nothing_else_in_ascii() -> None:
    special = "".join(chr(code) for code in range(128) if is_special(chr(code)))
    assert special == "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@pytest.mark.parametrize("character", [" ", "\t", "\u0301", "\u093e", "\u200d", "\u00bd", "\u00a0", "\x00"])
def test_spaces_marks_and_controls_are_not_special(character: str) -> None:
    assert not is_special(character)


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("password", "any"),
        ("ufo58!", "weak"),
        ("zxQ7!kd", "fair"),
        ("kettle77lamp", "strong"),
        ("correct horse battery", "very_strong"),
    ],
)
def test_each_rating_is_reached(text: str, rating: str) -> None:
    assert rate_strength(text) == rating


def test_a_password_below_the_asked_strength_is_refused_and_one_of_it_passes() -> None:
    for asked in STRENGTHS:
        for text in ("password", "zxQ7!kd", "correct horse battery"):
            weaker = STRENGTHS.index(rate_strength(text)) < STRENGTHS.index(asked)
            assert bool(check_password(text, {"strength": asked})) is weaker


def test_known_words_weaken_a_password_made_of_them() -> None:
    text = "wolkensteinadalbert"
    assert check_password(text, {"strength": "strong"}) == []
    assert check_password(text, {"strength": "strong"}, known_words=["Adalbert", "wolkenstein", ""]) != []


def test_known_words_are_forgotten_after_the_call() -> None:
    from zxcvbn import matching

    rate_strength("x", ["Adalbert"])
    assert matching.RANKED_DICTIONARIES["user_inputs"] == {}


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns so often that a race is met rather than missed."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_known_words_of_one_thread_do_not_reach_another() -> None:
    seen: list[str] = []

    def ask(words: list[str]) -> None:
        seen.extend(rate_strength("wolkensteinadalbert", words) for _ in range(20))

    threads = [threading.Thread(target=ask, args=([],)), threading.Thread(target=ask, args=(["zebra"],))]
    for thread in threads:
        thread.start()
    mine = [rate_strength("wolkensteinadalbert", ["adalbert", "wolkenstein"]) for _ in range(20)]
    for thread in threads:
        thread.join()
    assert set(mine) == {"weak"}
    assert set(seen) == {"very_strong"}


def test_only_the_beginning_of_a_long_password_is_rated(monkeypatch: pytest.MonkeyPatch) -> None:
    rated: list[int] = []

    def spy(text: str, user_inputs: object = None) -> dict[str, int]:
        rated.append(len(text))
        return {"score": 4}

    monkeypatch.setattr("zxcvbn.zxcvbn", spy)
    rate_strength("ab" * 1000)
    rate_strength("4@8({[<369&1!|0$57+%2" * 100)
    assert rated == [72, 24]
    rate_strength("x", ["word"])
    assert rated == [72, 24, 1, 1]


def test_a_policy_of_wrong_type_is_an_error_and_not_a_pass() -> None:
    with pytest.raises(TypeError, match="minLength"):
        check_password("a", {"minLength": "12"})
    with pytest.raises(ValueError, match="strength"):
        check_password("a", {"strength": "unbreakable"})


@given(st.text(min_size=1, max_size=30), st.integers(0, 40), st.sampled_from(STRENGTHS))
def test_no_password_breaks_the_check_and_sentences_do_not_depend_on_it(text: str, length: int, strength: str) -> None:
    policy: dict[str, object] = dict.fromkeys(COUNTS, length) | {"strength": strength}
    possible = {*check_password("\x00", policy), *check_password("\x00", policy | {"strength": "very_strong"})}
    possible |= {f"The password is too easy to guess: a rating of {strength} or better is needed."}
    assert set(check_password(text, policy)) <= possible


def test_importing_the_module_does_not_load_zxcvbn() -> None:
    probe = f"import sys; sys.path[:] = {sys.path!r}; import {password_policy.__name__}; print('zxcvbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "False\n"
