"""The sections `passwordPolicy` and `passwordSettings`."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from ..traits import STRICT, Count, Default, Doc, Duration, ServerChosen, Weakens

STRENGTHS = ("any", "weak", "fair", "strong", "very_strong")
Strength = Literal["any", "weak", "fair", "strong", "very_strong"]
HashingMethod = Literal["argon2", "bcrypt", "pbkdf2", "sha"]


class PasswordPolicy(TypedDict, total=False):
    """What a new password must be. Passwords that exist are not judged again."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    minLength: Annotated[Count | None, Doc("Fewest characters.", "min_length"), Default(0), Weakens("lower")]
    lowercaseLetters: Annotated[
        Count | None, Doc("Fewest lower-case letters.", "lowercase_letters"), Default(0), Weakens("lower")
    ]
    capitalLetters: Annotated[
        Count | None, Doc("Fewest capital letters.", "capital_letters"), Default(0), Weakens("lower")
    ]
    digits: Annotated[Count | None, Doc("Fewest digits.", "digits"), Default(0), Weakens("lower")]
    specialCharacters: Annotated[
        Count | None, Doc("Fewest special characters.", "special_characters"), Default(0), Weakens("lower")
    ]
    history: Annotated[
        Count | None,
        Doc("How many earlier passwords may not be used again.", "not_used_since"),
        Default(0),
        Weakens("lower"),
    ]
    strength: Annotated[Strength | None, Doc("Least rating of strength.", "strength"), Default("any"), Weakens("lower")]


class PasswordSettings(TypedDict, total=False):
    """How passwords are kept."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    hashingMethod: Annotated[
        HashingMethod,
        Doc("The method for new hashes; stored ones stay as they are.", "hashing_method"),
        ServerChosen("argon2 in the embedded directory"),
        Weakens("any"),
    ]
    expiresAfter: Annotated[
        Duration | None,
        Doc("How long a password lasts; `0s` is for ever.", "expires_after"),
        Default("0s"),
    ]
