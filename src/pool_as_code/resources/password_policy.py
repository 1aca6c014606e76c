"""Checks a password in clear text against a pool's password policy. Pure.

History is not checked here, since that takes stored hashes (`directory/hashing.py: used_before`); nor is expiry. The
service does not say which characters count as special nor how it rates strength: what stands here is the embedded
directory's reading.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

STRENGTHS = ("any", "weak", "fair", "strong", "very_strong")
"""Ratings in order, for the zxcvbn scores 0 to 4."""

RATED_CHARACTERS = 72
RATED_LOOK_ALIKES = 24
_LOOK_ALIKES = frozenset("4@8({[<369&1!|0$57+%2")
"""zxcvbn takes more than linear time, and with each further character that may stand for a letter it tries more readings:
72 of them at random take 4 s. So it rates 72 characters (its newer versions refuse more), and 24 where more than eight
different look-alikes occur: half a second at worst. What follows is not rated, which can only make a rating too low; what
is hard to guess reaches the highest one long before."""

_zxcvbn_lock = threading.Lock()  # zxcvbn keeps the known words of a call in a global table


def is_special(character: str) -> bool:
    """Punctuation and symbols (Unicode P and S), emoji too; no letters, marks, digits, spaces or control characters."""
    return unicodedata.category(character)[0] in "PS"


_COUNTED: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("minLength", lambda character: True, "character"),
    ("lowercaseLetters", lambda character: unicodedata.category(character) == "Ll", "lower case letter"),
    ("capitalLetters", lambda character: unicodedata.category(character) in ("Lu", "Lt"), "capital letter"),
    ("digits", lambda character: unicodedata.category(character) == "Nd", "digit"),
    ("specialCharacters", is_special, "special character"),
)


def check_password(text: str, policy: Mapping[str, object], *, known_words: Sequence[str] = ()) -> list[str]:
    """What is wrong with a password, one sentence each; none when it may be used.

    `policy` has the keys of a pool's `passwordPolicy`; what is absent, null or 0 asks for nothing, other keys are not
    looked at. Characters are Unicode code points after NFC: an accented letter counts once however it was typed.
    `known_words` (the user's names and identifiers) make a password that consists of them weaker. No sentence holds the
    password, a part of it or how far it falls short.
    """
    if not text:
        return ["The password is empty."]
    composed = unicodedata.normalize("NFC", text)
    problems = []
    for key, counts, noun in _COUNTED:
        needed = policy.get(key) or 0
        if not isinstance(needed, int):
            raise TypeError(f"passwordPolicy.{key} is not a number")
        if _fewer_than(needed, filter(counts, composed)):
            problems.append(f"The password needs at least {needed} {noun}{'' if needed == 1 else 's'}.")
    asked = policy.get("strength") or "any"
    if asked not in STRENGTHS:
        raise ValueError(f"passwordPolicy.strength is not one of {', '.join(STRENGTHS)}")
    if asked != "any" and STRENGTHS.index(rate_strength(composed, known_words)) < STRENGTHS.index(str(asked)):
        problems.append(f"The password is too easy to guess: a rating of {asked} or better is needed.")
    return problems


def rate_strength(text: str, known_words: Iterable[str] = ()) -> str:
    """`any` to `very_strong`: how hard the text's beginning is to guess, by zxcvbn."""
    from zxcvbn import zxcvbn

    words = [word[:RATED_CHARACTERS] for word in known_words if word]
    rated = text[: RATED_LOOK_ALIKES if len(_LOOK_ALIKES.intersection(text)) > 8 else RATED_CHARACTERS]
    with _zxcvbn_lock:
        try:
            score = zxcvbn(rated, user_inputs=words)["score"]
        finally:
            if words:
                zxcvbn("-")  # replaces the table, so that the words are forgotten
    return STRENGTHS[int(score)]


def _fewer_than(needed: int, characters: Iterable[str]) -> bool:
    return sum(1 for _ in characters) < needed
