"""Rules about passwords: the policy, how they are kept, imported hashes, forced resets. No password and no hash is ever shown."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.clock import parse_duration, parse_time
from ...core.values import as_map
from ...resources.pool.password import STRENGTHS
from ..desired import Desired, declared, each
from ..rule import Breach, Option, Options, Path

POLICY: Path = ("spec", "passwordPolicy")


def short(desired: Desired, options: Options) -> Iterator[Breach]:
    """Passwords may be shorter than people need them to be."""
    least = options.number("min")
    for pool, value in each(desired, "pool", "passwordPolicy", "minLength"):
        if isinstance(value, int) and value < least and desired.takes_passwords(pool):
            found = f"passwords of {value} characters are" if value else "passwords of any length are"
            yield Breach(
                pool,
                (*POLICY, "minLength"),
                f"{found} accepted",
                f"length is what makes a password hard to guess; at least {least} characters are meant",
                f"set passwordPolicy.minLength: {least}",
                replace=least,
            )


SHORT = Option("min", "whole number", 12, "The fewest characters that a policy may ask for.", "lower")


def guessable(desired: Desired, options: Options) -> Iterator[Breach]:
    """No rating is asked for, so well-known passwords pass."""
    least = options.text("least")
    for pool, value in each(desired, "pool", "passwordPolicy", "strength"):
        if STRENGTHS.index(str(value)) < STRENGTHS.index(least) and desired.takes_passwords(pool):
            yield Breach(
                pool,
                (*POLICY, "strength"),
                f"passwords rated {value} are accepted" if value != "any" else "passwords are not rated",
                "the service has no list of breached passwords: only the rating keeps well-known ones out",
                f"set passwordPolicy.strength: {least}",
                replace=least,
            )


GUESSABLE = Option("least", "text", "fair", f"The least rating: one of {', '.join(STRENGTHS)}.", "lower")

_WHY_NOT = {
    "sha": "one fast digest: billions of guesses a second on a graphics card",
    "bcrypt": "it needs little memory, and does not look beyond 72 bytes of a password",
    "pbkdf2": "it needs next to no memory, so graphics cards guess fast",
}


def hashing(desired: Desired, options: Options) -> Iterator[Breach]:
    """New hashes are made with a method that is easier to attack than it has to be."""
    allowed = options.texts("methods")
    for pool in desired.of("pool"):
        method = declared(pool, "passwordSettings", "hashingMethod")
        if isinstance(method, str) and method not in allowed:
            yield Breach(
                pool,
                ("spec", "passwordSettings", "hashingMethod"),
                f"new passwords are hashed with {method}",
                _WHY_NOT.get(method, f"only {', '.join(allowed)} is meant here"),
                f"use {', '.join(allowed)}; hashes that are stored already stay as they are",
                replace=allowed[0] if allowed else None,
            )


HASHING = Option("methods", "list of texts", ["argon2"], "Methods that may be used.", "longer")


def expiring(desired: Desired, options: Options) -> Iterator[Breach]:
    """Passwords must be changed often, whether they leaked or not."""
    for pool, value in each(desired, "pool", "passwordSettings", "expiresAfter"):
        if 0 < parse_duration(str(value)) < options.milliseconds("least"):
            yield Breach(
                pool,
                ("spec", "passwordSettings", "expiresAfter"),
                f"passwords must be changed every {value}",
                "people answer with passwords they can predict; NIST SP 800-63B asks for a change only after a leak",
                f"leave it at 0s, or at {options.text('least')} and more",
            )


EXPIRING = Option("least", "duration", "365d", "The shortest life of a password that is no breach.", "lower")


def imported(desired: Desired, options: Options) -> Iterator[Breach]:
    """An imported hash that is guessed fast, and whose password stays in use."""
    from ...resources.foreign_hashes import read_hash
    from ...resources.hash_configs import Md5Config, ShaConfig, UnsupportedHash

    for user in desired.of("user"):
        password = as_map(user.spec.get("password"))
        stored = password.get("hash")
        reference = isinstance(stored, dict) and any(str(key).startswith("from") for key in stored)
        if stored is None or reference or password.get("mustReset") is True or password.get("mustChange") is True:
            continue
        try:
            config = read_hash(stored).config
        except UnsupportedHash:
            continue  # whoever creates the user says so
        if isinstance(config, Md5Config) or (isinstance(config, ShaConfig) and config.variant != "crypt"):
            yield Breach(
                user,
                ("spec", "password"),
                f"the imported hash is a plain {'md5' if isinstance(config, Md5Config) else 'sha'} digest",
                "such hashes are guessed by the billion a second, and this one stays until the password changes",
                "set password.mustChange: true or mustReset: true",
            )


_FORCED = ("passwordsSetBefore", "totpSetBefore", "passkeysSetBefore")


def reset_in_future(desired: Desired, options: Options) -> Iterator[Breach]:
    """A forced reset that no new credential can satisfy until the moment has come."""
    for pool in desired.of("pool"):
        forced = as_map(declared(pool, "recovery", "forceReset"))
        for name in _FORCED:
            value = forced.get(name)
            if isinstance(value, str) and parse_time(value) > desired.now:
                yield Breach(
                    pool,
                    ("spec", "recovery", "forceReset", name),
                    f"{name} lies in the future: {value}",
                    "what users set today is older than that, so they are asked for a reset again and again",
                    "write a moment that has passed",
                )
